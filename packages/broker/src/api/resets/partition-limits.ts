import type { LogLimits } from '@rivven/groups'
import type { Timer } from '@rivven/runtime'
import { leaderOf } from '../../cluster/image.js'
import { askOffsets, earliest, latest, type PartitionPlace } from '../../cluster/peers/offset-questions.js'
import type { BrokerServices } from '../../handlers/handler.js'
import type { PartitionView } from '../../log/partition-log.js'
import { partitionKey } from '../../partition-key.js'

type Services = Pick<BrokerServices, 'cluster' | 'partitions' | 'peers' | 'runtime'>
/** What others lead is asked for again so often, while a reset waits for members. */
const againMs = 500

/**
 * What partitions hold: known here at any moment where this broker leads them. Of others their leaders are asked, and what they
 * said last counts.
 */
export class PartitionLimits {
  readonly #services: Services
  readonly #here = new Map<string, PartitionView>()
  readonly #elsewhere = new Map<number, PartitionPlace[]>()
  readonly #told = new Map<string, LogLimits>()
  /** Nobody leads it now. */
  readonly #missing: PartitionPlace[] = []

  constructor(services: Services, places: readonly PartitionPlace[]) {
    this.#services = services
    for (const place of places) this.#add(place)
  }

  /** The first of which nothing is known, once `learn` is done. */
  get unknown(): PartitionPlace | undefined {
    const [missing] = this.#missing
    if (missing) return missing
    for (const places of this.#elsewhere.values())
      for (const place of places) if (!this.#told.has(partitionKey(place.topic, place.partition))) return place
    return undefined
  }

  of(topic: string, partition: number): LogLimits {
    const key = partitionKey(topic, partition)
    const log = this.#here.get(key)
    if (log) return { start: log.logStartOffset, end: log.highWatermark }
    return this.#told.get(key) ?? { start: 0, end: 0 }
  }

  /** Asks other leaders. Resolves when they have answered, or did not in time. */
  async learn(): Promise<void> {
    if (this.#elsewhere.size === 0) return
    const [starts, ends] = await Promise.all([this.#ask(earliest), this.#ask(latest)])
    for (const [key, end] of ends) {
      const start = starts.get(key)
      if (start !== undefined) this.#told.set(key, { start, end })
    }
  }

  /** Goes on asking until `done`. */
  async follow<Done>(done: Promise<Done>): Promise<Done> {
    if (this.#elsewhere.size === 0) return done
    const { clock } = this.#services.runtime
    let timer: Timer | undefined
    const askLater = () => {
      timer = clock.setTimer(againMs, () => void this.learn().then(() => isWaiting && askLater()))
    }
    let isWaiting = true
    askLater()
    try {
      return await done
    } finally {
      isWaiting = false
      timer?.cancel()
    }
  }

  /** By partition the first offset that is not older than a time; those without such a record are left out. */
  async since(time: number): Promise<ReadonlyMap<string, number>> {
    const found = await this.#ask(time)
    for (const [key, log] of this.#here) {
      const first = await log.offsetForTimestamp(time)
      if (first && first.offset < log.highWatermark) found.set(key, first.offset)
    }
    return found
  }

  #add(place: PartitionPlace): void {
    const { cluster, partitions } = this.#services
    const { topic, partition } = place
    const leader = leaderOf(cluster.image, topic, partition)?.leader ?? null
    const view = partitions.view(topic, partition)
    if (view) this.#here.set(partitionKey(topic, partition), view)
    else if (leader === null || leader === cluster.brokerId) this.#missing.push(place)
    else this.#elsewhere.set(leader, placesWith(this.#elsewhere.get(leader), place))
  }

  async #ask(timestamp: number): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    await askOffsets(this.#services.peers, this.#elsewhere, timestamp, (topic, partition, offset) => {
      found.set(partitionKey(topic, partition), offset)
    })
    return found
  }
}

function placesWith(places: PartitionPlace[] = [], place: PartitionPlace): PartitionPlace[] {
  places.push(place)
  return places
}
