import { catchUpOf, type Group, type LagTrack, ratePerSecond, stopReasonOf, verdictOn } from '@rivven/groups'
import type { Clock } from '@rivven/runtime'
import { Breath } from '../breath.js'
import type { Arrival } from '../log/arrival/arrival.js'
import type { Waiting } from '../log/arrival/waiting.js'
import { isolationOf, isSilent, type ReadSources } from './how-read.js'
import { lagNumbers } from './lag-numbers.js'
import { type LagRow, rowWithoutOffset } from './lag-row.js'
import type { LagSampler } from './lag-sampler.js'
import { type Owners, ownersOf } from './owners.js'
import { endOf, type LagSources, type Standing, standingsOf } from './standings.js'
import { exactWaiting, heldBackBy, mostLooks } from './what-waits.js'

export interface LagRowsOptions extends LagSources, ReadSources {
  readonly sampler: LagSampler
  readonly clock: Clock
  readonly windowMs: number
}

/** How far one group is behind, to the millisecond: each partition in which it has committed, or that a member owns. */
export class LagRows {
  readonly #options: LagRowsOptions

  constructor(options: LagRowsOptions) {
    this.#options = options
  }

  /** By topic and partition; topics that are not `isShown` are left out. */
  async of(group: Group, isShown: (topic: string) => boolean = () => true): Promise<LagRow[]> {
    const breath = new Breath(this.#options.clock)
    const looks = { left: mostLooks }
    const owners = ownersOf(group)
    const rows: LagRow[] = []
    for (const standing of standingsOf(group, this.#options, isShown)) {
      const isolation = isolationOf(group.members.values(), standing, this.#options)
      const waiting = await exactWaiting(standing, isolation, looks)
      const heldBack = waiting?.kind === 'nothing' ? await heldBackBy(standing, isolation, looks) : null
      rows.push(this.#rowOf(group, standing, { owners, waiting, heldBack }))
      if (breath.isDue) await breath.take()
    }
    rows.push(...uncommitted(group, owners, this.#options, isShown))
    return rows.sort(byPlace)
  }

  #rowOf(group: Group, standing: Standing, found: Found): LagRow {
    const { sampler, clock } = this.#options
    const { topic, partition, committed, logStartOffset, logEndOffset } = standing
    const now = clock.now()
    const { waiting, heldBack, owners } = found
    const numbers = lagNumbers({ committed: committed.offset, logStartOffset, logEndOffset, waiting, heldBack }, now)
    const track = sampler.trackOf(group, topic, partition)
    const consumedPerSecond = track ? ratePerSecond(track) : null
    const producedPerSecond = sampler.producedPerSecond(topic, partition)
    const owner = owners.get(topic)?.get(partition)?.memberId ?? null
    return {
      ...{ topic, partition, currentOffset: committed.offset, logStartOffset, logEndOffset, ...numbers },
      ...{ consumedPerSecond, producedPerSecond },
      ...catchUpOf({ waits: numbers.waiting !== false, lag: numbers.lag, consumedPerSecond, producedPerSecond }),
      ...this.#verdictOn(group, standing, { track, ageMs: (numbers.lagSeconds ?? 0) * 1_000, owner, now }),
      ...{ owner, pending: group.offsets.isPending(topic, partition) },
    }
  }

  #verdictOn(
    group: Group,
    standing: Standing,
    { track, ageMs, owner, now }: { track: LagTrack | undefined; ageMs: number; owner: string | null; now: number },
  ): Pick<LagRow, 'status' | 'reason'> {
    const { windowMs, clock } = this.#options
    if (!track) return { status: null, reason: null }
    const { members } = group
    const silent = () => isSilent(members.values(), standing, { ...this.#options, now: clock.monotonic() })
    const question = { now, ageMs, windowMs, hasMembers: members.size > 0 }
    return verdictOn(track, question, () => stopReasonOf(members.size > 0, owner, silent))
  }
}

interface Found {
  readonly owners: Owners
  readonly waiting: Waiting | null
  readonly heldBack: Arrival | null
}

/** What members own, and where the group has never committed. */
function uncommitted(group: Group, owners: Owners, sources: LagSources, isShown: (topic: string) => boolean): LagRow[] {
  const { offsets } = group
  return Array.from(owners, ([topic, partitions]) => {
    if (!isShown(topic) || !sources.catalog.topic(topic)) return []
    const rows: LagRow[] = []
    for (const [partition, { memberId }] of partitions) {
      const pending = offsets.isPending(topic, partition)
      if (offsets.get(topic, partition)) continue
      const { logStartOffset = null, logEndOffset = null } = endOf(group, sources, { topic, partition }) ?? {}
      rows.push(rowWithoutOffset({ topic, partition, owner: memberId, pending, logStartOffset, logEndOffset }))
    }
    return rows
  }).flat()
}

function byPlace(one: LagRow, other: LagRow): number {
  if (one.topic !== other.topic) return one.topic < other.topic ? -1 : 1
  return one.partition - other.partition
}
