import type { Clock } from '@rivven/runtime'
import type { Cluster } from '../cluster.js'
import { leaderOf } from '../image.js'
import { askOffsets, latest, type PartitionPlace } from './offset-questions.js'
import type { Peers } from './peers.js'

/** Partitions by topic. */
export type PartitionsOfTopics = ReadonlyMap<string, ReadonlySet<number>>

export interface EndOffsetsOptions {
  readonly cluster: Pick<Cluster, 'brokerId' | 'image'>
  readonly peers: Peers
  readonly clock: Clock
}

/** After so long they are asked for again. */
const freshMs = 1_000

/** Where partitions end that other brokers lead: for lag, which a group's coordinator tells for all that the group reads. */
export class EndOffsets {
  readonly #options: EndOffsetsOptions
  /** High watermarks. Of whose leader has not answered there is none. */
  #ends = new Map<string, Map<number, number>>()
  #freshUntil = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | undefined

  constructor(options: EndOffsetsOptions) {
    this.#options = options
  }

  /** Its high watermark, at most a second older than the last `refresh`; undefined where its leader has not said. */
  of(topic: string, partition: number): number | undefined {
    return this.#ends.get(topic)?.get(partition)
  }

  /**
   * Asks leaders for the ends of what is `wanted` and led elsewhere, each once, and at most once a second; whoever comes meanwhile waits
   * with the first. Resolves when they have answered, or did not in time. Asks nobody where there is nobody.
   */
  refresh(wanted: () => Promise<PartitionsOfTopics>): Promise<void> {
    const { cluster, clock } = this.#options
    if (cluster.image.brokers.size < 2 || clock.monotonic() < this.#freshUntil) return Promise.resolve()
    this.#asking ??= this.#ask(wanted).finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #ask(wanted: () => Promise<PartitionsOfTopics>): Promise<void> {
    const ends = new Map<string, Map<number, number>>()
    await askOffsets(this.#options.peers, this.#byLeader(await wanted()), latest, (topic, partition, end) => {
      entryOf(ends, topic, () => new Map<number, number>()).set(partition, end)
    })
    this.#ends = ends
    this.#freshUntil = this.#options.clock.monotonic() + freshMs
  }

  #byLeader(wanted: PartitionsOfTopics): Map<number, PartitionPlace[]> {
    const { cluster } = this.#options
    const byLeader = new Map<number, PartitionPlace[]>()
    for (const [topic, partitions] of wanted) {
      for (const partition of partitions) {
        const leader = leaderOf(cluster.image, topic, partition)?.leader ?? null
        if (leader === null || leader === cluster.brokerId) continue
        entryOf(byLeader, leader, () => []).push({ topic, partition })
      }
    }
    return byLeader
  }
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
