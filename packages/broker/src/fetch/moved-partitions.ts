import {
  assignedPartitions,
  type Decision,
  type Group,
  type GroupShard,
  type RebalanceCause,
  type StoredGroup,
  type StoredMember,
} from '@rivven/groups'
import type { Clock } from '@rivven/runtime'
import type { Catalog } from '../catalog/catalog.js'
import type { GroupObserver } from '../coordinator/groups/group-observer.js'
import type { GroupHistories } from '../coordinator/history/group-histories.js'
import { partitionKey } from '../partition-key.js'
import type { Readers, Reading, ReadPartition } from './readers.js'

export interface MovedPartitionsOptions {
  readonly clock: Clock
  readonly catalog: Pick<Catalog, 'topic'>
  readonly readers: Readers
  readonly histories: GroupHistories
}

/** How a partition was read before its group rebalanced. */
interface ReadBefore {
  /** Instance id of a static member, else member id. */
  readonly owner: string
  readonly reading: Reading
}

/** Of a group that rebalances. */
interface Before {
  readonly partitions: Map<string, ReadBefore>
  /** Why the first of them was given up. */
  readonly cause: RebalanceCause
}

/** So many partitions of a group are looked at. */
const mostPartitions = 1_000

/**
 * Notes where members were when a rebalance took partitions from them, and where the new owners begin: for how long nobody read, and
 * what is read twice. On the way of a request it only takes notes; positions are looked up a turn later.
 */
export class MovedPartitions implements GroupObserver {
  readonly #options: MovedPartitionsOptions
  readonly #before = new WeakMap<Group, Before>()
  #later: (() => void)[] = []

  constructor(options: MovedPartitionsOptions) {
    this.#options = options
  }

  decided({ notes = [] }: Decision, shard: GroupShard): void {
    for (const { kind, groupId, cause, facts, generation } of notes) {
      const group = shard.groups.get(groupId)
      const { settled } = facts
      if (!group || !settled || settled.protocolType !== 'consumer') continue
      if (kind === 'started') this.#soon(() => this.#began(group, settled, cause ?? 'member rejoined'))
      if (kind === 'stable') this.#soon(() => this.#ended(group, settled, generation))
    }
  }

  #soon(look: () => void): void {
    this.#later.push(look)
    if (this.#later.length > 1) return
    this.#options.clock.setTimer(0, () => {
      for (const each of this.#later.splice(0)) each()
    })
  }

  #began(group: Group, settled: StoredGroup, cause: RebalanceCause): void {
    const before = this.#before.get(group) ?? { partitions: new Map<string, ReadBefore>(), cause }
    this.#before.set(group, before)
    for (const member of settled.members) {
      let readPast: number | null = null
      for (const place of this.#placesOf(member)) {
        if (before.partitions.size >= mostPartitions) break
        const reading = this.#options.readers.lastOf(member, place)
        if (!reading) continue
        before.partitions.set(partitionKey(place.topic, place.partition), { owner: nameOf(member), reading })
        const committed = group.offsets.get(place.topic, place.partition)?.offset
        if (committed !== undefined) readPast = (readPast ?? 0) + Math.max(0, reading.fetchOffset - committed)
      }
      if (readPast !== null && !group.members.has(member.memberId))
        this.#options.histories.historyOf(group).departures.hadRead(member.memberId, readPast)
    }
  }

  #ended(group: Group, settled: StoredGroup, generation: number): void {
    const before = this.#before.get(group)
    if (!before) return
    const { readers, histories, clock } = this.#options
    for (const member of settled.members) {
      for (const place of this.#placesOf(member)) {
        const key = partitionKey(place.topic, place.partition)
        const known = before.partitions.get(key)
        if (!known) continue
        before.partitions.delete(key)
        if (known.owner === nameOf(member)) continue
        const { reader, at: lastAt, fetchOffset: position } = known.reading
        const came = (fetchOffset: number, at: number) => {
          const readAgain = Math.max(0, position - fetchOffset)
          const first = { generation, cause: before.cause, pauseMs: at - lastAt, readAgain }
          histories.historyOf(group).handOvers.add(first, clock.now())
        }
        readers.first.expect({ client: member, partition: place, notBy: reader, came })
      }
    }
    // What nobody has got is handed out in the next generation.
    if (before.partitions.size === 0) this.#before.delete(group)
  }

  #placesOf({ assignment }: StoredMember): ReadPartition[] {
    return (assignedPartitions(assignment) ?? []).flatMap(({ topic, partitions }) => {
      const topicId = this.#options.catalog.topic(topic)?.id ?? ''
      return partitions.map((partition) => ({ topic, topicId, partition }))
    })
  }
}

function nameOf({ groupInstanceId, memberId }: StoredMember): string {
  return groupInstanceId ?? memberId
}
