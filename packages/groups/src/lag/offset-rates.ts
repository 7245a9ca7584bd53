import { fadeRate, type Rate, ratePerSecond } from './rate.js'

interface Moving extends Rate {
  offset: number
  sampledAt: number
}

/** How fast an end of partitions moves: of those alone in which groups have committed. */
export class OffsetRates {
  #partitions = new Map<string, Map<number, Moving>>()

  /** Once in a pass for each partition; further calls of the same pass change nothing. */
  sample(topic: string, partition: number, offset: number, now: number): void {
    const ofTopic = this.#partitions.get(topic) ?? new Map<number, Moving>()
    this.#partitions.set(topic, ofTopic)
    const known = ofTopic.get(partition)
    // A topic that was made anew begins at 0.
    if (known === undefined || offset < known.offset) {
      ofTopic.set(partition, { change: 0, seconds: 0, samples: 1, offset, sampledAt: now })
      return
    }
    if (known.sampledAt === now) return
    fadeRate(known, offset - known.offset, (now - known.sampledAt) / 1_000)
    known.offset = offset
    known.sampledAt = now
  }

  of(topic: string, partition: number): number | null {
    const known = this.#partitions.get(topic)?.get(partition)
    return known ? ratePerSecond(known) : null
  }

  /** Forgets what no pass has asked for since. */
  dropBefore(time: number): void {
    for (const [topic, ofTopic] of this.#partitions) {
      for (const [partition, { sampledAt }] of ofTopic) if (sampledAt < time) ofTopic.delete(partition)
      if (ofTopic.size === 0) this.#partitions.delete(topic)
    }
  }
}
