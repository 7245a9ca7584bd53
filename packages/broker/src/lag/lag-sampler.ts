import {
  advanceTrack,
  beginTrack,
  blankTrack,
  catchUpOf,
  type Group,
  type LagSample,
  type LagTrack,
  OffsetRates,
  ratePerSecond,
  statusOf,
} from '@rivven/groups'
import type { Clock } from '@rivven/runtime'
import { Breath } from '../breath.js'
import type { Waiting } from '../log/arrival/waiting.js'
import { type GroupSample, GroupSum, type PartitionSample } from './group-sample.js'
import { GroupTracks } from './group-tracks.js'
import { isolationOf, type ReadSources } from './how-read.js'
import { lookedWaiting } from './looked-waiting.js'
import { type LagSources, type Standing, standingsOf } from './standings.js'
import { type Looks, mostLooks } from './what-waits.js'

export interface LagSamplerOptions extends LagSources, ReadSources {
  readonly clock: Clock
  /** `lag_window_ms` */
  readonly windowMs: number
  groups(): Iterable<Group>
}

interface Pass {
  readonly breath: Breath
  readonly looks: Looks
  readonly now: number
}

/** Looks at all groups every few seconds: what cannot be seen in one look are rates, and who stands still. */
export class LagSampler {
  readonly #options: LagSamplerOptions
  readonly #groups = new WeakMap<Group, GroupTracks>()
  readonly #produced = new OffsetRates()
  readonly #removed = new OffsetRates()
  /** One for all that are looked at, one after the other. */
  readonly #track = blankTrack()
  /** How long the last pass took, others' turns included. */
  lastPassMs = 0

  constructor(options: LagSamplerOptions) {
    this.#options = options
  }

  /** Undefined before its first sample. */
  sampleOf(group: Group): GroupSample | undefined {
    return this.#groups.get(group)?.sample
  }

  /** Undefined before its first sample. */
  trackOf(group: Group, topic: string, partition: number): LagTrack | undefined {
    const track = blankTrack()
    return this.#groups.get(group)?.read(topic, partition, track) ? track : undefined
  }

  /** Offsets a second; null: not known yet. */
  producedPerSecond(topic: string, partition: number): number | null {
    return this.#produced.of(topic, partition)
  }

  /** The same of what retention removes. */
  removedPerSecond(topic: string, partition: number): number | null {
    return this.#removed.of(topic, partition)
  }

  /** One after the other. */
  async pass(): Promise<void> {
    const { clock, groups } = this.#options
    const began = clock.monotonic()
    const pass = { breath: new Breath(clock), looks: { left: mostLooks }, now: clock.now() }
    for (const group of groups()) {
      await this.#sample(group, pass)
      if (pass.breath.isDue) await pass.breath.take()
    }
    this.#produced.dropBefore(pass.now)
    this.#removed.dropBefore(pass.now)
    this.lastPassMs = clock.monotonic() - began
  }

  async #sample(group: Group, { breath, looks, now }: Pass): Promise<void> {
    const tracks = this.#groups.get(group) ?? new GroupTracks()
    this.#groups.set(group, tracks)
    const sum = new GroupSum(tracks.sample)
    for (const standing of standingsOf(group, this.#options)) {
      const isKnown = tracks.read(standing.topic, standing.partition, this.#track)
      if (!isKnown) Object.assign(this.#track, blankTrack())
      const isolation = isolationOf(group.members.values(), standing, this.#options)
      const waiting = lookedWaiting(standing, this.#track, looks, isolation)
      sum.add(this.#advance(group, standing, waiting instanceof Promise ? await waiting : waiting, { isKnown, now }))
      tracks.write(standing.topic, standing.partition, this.#track)
      if (breath.isDue) await breath.take()
    }
    tracks.sampled(sum.total(now))
  }

  #advance(group: Group, standing: Standing, waiting: Waiting | null, { isKnown, now }: Known): PartitionSample {
    const { topic, partition, lag, logStartOffset, logEndOffset } = standing
    const track = this.#track
    const sample = sampleOf(group, standing, waiting, now)
    const { ageMs, hasMembers } = sample
    const lost = isKnown ? lostSince(track, sample) : 0
    this.#produced.sample(topic, partition, logEndOffset, now)
    // Most logs still have their first record.
    if (logStartOffset) this.#removed.sample(topic, partition, logStartOffset, now)
    if (isKnown) advanceTrack(track, sample)
    else beginTrack(track, sample)
    const status = statusOf(track, { now, ageMs, windowMs: this.#options.windowMs, hasMembers })
    const rates = { consumedPerSecond: ratePerSecond(track), producedPerSecond: this.#produced.of(topic, partition) }
    return { lag, ageMs, status, lost, ...catchUpOf({ waits: ageMs > 0, lag, ...rates }) }
  }
}

interface Known {
  readonly isKnown: boolean
  readonly now: number
}

function sampleOf(
  { members, protocolType }: Group,
  standing: Standing,
  waiting: Waiting | null,
  now: number,
): LagSample {
  const { committed, lag, logStartOffset } = standing
  const isBehind = waiting?.kind === 'batch' && lag > 0
  return {
    now,
    offset: committed.offset,
    committedAt: committed.commitTimestamp,
    lag,
    // What has come in this moment waits, too.
    ageMs: isBehind ? Math.max(1, now - waiting.arrival.at) : 0,
    logStartOffset: logStartOffset ?? 0,
    hasMembers: members.size > 0,
    assignsItself: protocolType === null,
  }
}

/** Records that have been removed since the last sample, and that the group had not read. */
function lostSince({ offset, logStartOffset }: LagTrack, sample: LagSample): number {
  return sample.offset === offset ? Math.max(0, sample.logStartOffset - Math.max(offset, logStartOffset)) : 0
}
