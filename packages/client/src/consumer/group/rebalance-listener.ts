import { AsyncLocalStorage } from 'node:async_hooks'
import type { RebalanceProtocol } from '@rivven/groups'
import { RivvenError } from '@rivven/link'
import type { Clock } from '@rivven/runtime'
import type { TopicPartition } from '../../topic-partition.js'

export interface RebalanceInfo {
  /** Of the group; -1: this member is in none (any more). */
  generation: number
  protocol: RebalanceProtocol
  /** Why the partitions change. `offsets reset`: an operator has them read from elsewhere (brokers of Rivven say so). */
  cause: string
}

/**
 * Told by `poll` when partitions come and go; it waits for what is returned, but no longer than maxPollIntervalMs. An
 * error that is thrown here is thrown by poll, after the rebalance step is done.
 */
export interface RebalanceListener {
  /** These were added; their positions can be set with `seek`. Called after each rebalance, if with no partitions. */
  onPartitionsAssigned?(partitions: readonly TopicPartition[], info: RebalanceInfo): unknown
  /** These are about to be given up; offsets can still be committed. */
  onPartitionsRevoked?(partitions: readonly TopicPartition[], info: RebalanceInfo): unknown
  /** These are gone already and may have another owner: do not commit. Default: onPartitionsRevoked. */
  onPartitionsLost?(partitions: readonly TopicPartition[], info: RebalanceInfo): unknown
}

/** Calls the listener and collects its errors until poll may throw one. */
export class ListenerCalls {
  listener: RebalanceListener | null = null
  /** What the listener does, also later, and as long as it is waited for; without cost while it does nothing. */
  readonly #inside = new AsyncLocalStorage<true>()
  readonly #clock: Clock
  readonly #timeoutMs: number
  #error: unknown = null
  #isCalling = false

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  assigned(partitions: readonly TopicPartition[], info: RebalanceInfo): Promise<void> {
    return this.#call('onPartitionsAssigned', partitions, info)
  }

  revoked(partitions: readonly TopicPartition[], info: RebalanceInfo): Promise<void> {
    return this.#call('onPartitionsRevoked', partitions, info)
  }

  lost(partitions: readonly TopicPartition[], info: RebalanceInfo): Promise<void> {
    const name = this.listener?.onPartitionsLost ? 'onPartitionsLost' : 'onPartitionsRevoked'
    return this.#call(name, partitions, info)
  }

  /** Whether it is the listener that asks: whoever waits for it cannot be waited for by it. */
  get isInside(): boolean {
    return this.#isCalling && this.#inside.getStore() === true
  }

  /** Throws what a listener threw since this was last called. */
  throwError(): void {
    const error = this.#error
    this.#error = null
    if (error) throw error
  }

  async #call(
    name: keyof RebalanceListener,
    partitions: readonly TopicPartition[],
    info: RebalanceInfo,
  ): Promise<void> {
    const { listener } = this
    const call = listener?.[name]
    if (!call) return
    this.#isCalling = true
    try {
      const work = this.#inside.run(true, () => Promise.resolve(call.call(listener, partitions, info)))
      await this.#bounded(name, work)
    } catch (error) {
      this.#error ??= error
    } finally {
      this.#isCalling = false
      // On Node 20 and 22 every promise of the process pays as long as it is in use.
      this.#inside.disable()
    }
  }

  #bounded(name: string, work: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimer(this.#timeoutMs, () => {
        const text = `${name} took longer than maxPollIntervalMs (${this.#timeoutMs}); the rebalance went on without it.`
        reject(new RivvenError('TIMED_OUT', text))
      })
      work.then(resolve, reject).finally(() => timer.cancel())
    })
  }
}
