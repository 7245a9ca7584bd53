import { CommitFailedError, type Consumer, type ConsumerRecord, RebalanceInProgressError } from '@rivven/client'
import type { Clock } from '@rivven/runtime'

interface Position {
  topic: string
  partition: number
  offset: number
}

/**
 * Commits just behind what was written, which may be less than what was polled. After each poll, or at intervals, or never
 * (null).
 */
export class WrittenOffsets {
  readonly #consumer: Consumer
  readonly #clock: Clock
  readonly #intervalMs: number | null
  readonly #words: (text: string) => void
  #open = new Map<string, Position>()
  #committedAt: number

  constructor(consumer: Consumer, clock: Clock, intervalMs: number | null, words: (text: string) => void) {
    this.#consumer = consumer
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#words = words
    this.#committedAt = clock.monotonic()
  }

  wrote({ topic, partition, offset }: ConsumerRecord): void {
    if (this.#intervalMs !== null) this.#open.set(`${topic}/${partition}`, { topic, partition, offset: offset + 1 })
  }

  async commitIfDue(): Promise<void> {
    if (this.#clock.monotonic() - this.#committedAt >= (this.#intervalMs ?? 0)) await this.commit()
  }

  /** A commit that a rebalance made void is no failure: whoever has the partitions now writes those records again. */
  async commit(): Promise<void> {
    if (this.#open.size === 0) return
    const positions = [...this.#open.values()]
    this.#open = new Map()
    this.#committedAt = this.#clock.monotonic()
    try {
      await this.#consumer.commitOffsets(positions)
    } catch (error) {
      if (!(error instanceof CommitFailedError || error instanceof RebalanceInProgressError)) throw error
      this.#words(`${error.message}\n`)
    }
  }

  /** Others have these by now. */
  forget(partitions: readonly { topic: string; partition: number }[]): void {
    for (const { topic, partition } of partitions) this.#open.delete(`${topic}/${partition}`)
  }
}
