import type { Logger } from '@rivven/link'
import { asRivvenError, CommitFailedError, RebalanceInProgressError, type RivvenError } from '@rivven/link'
import type { Clock } from '@rivven/runtime'
import type { OffsetToCommit } from '../../admin/group-offsets.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { PartitionState, Position } from '../state/partition-state.js'
import type { SubscriptionState } from '../state/subscription-state.js'
import type { Troubles } from '../state/troubles.js'
import type { Commits } from './commits.js'
import { topicGone } from './gone-partitions.js'

export interface AutoCommitParts {
  clock: Clock
  settings: ConsumerSettings
  subscription: SubscriptionState
  commits: Commits
  troubles: Troubles
  retryBackoffMs: number
}

/**
 * Commits in the background what the application has handled: what it was given before it came back for more. So what
 * it was handling when it died is read again, by itself or by another (at least once).
 */
export class AutoCommit {
  readonly #parts: AutoCommitParts
  #dueAt: number
  #isCommitting = false

  constructor(parts: AutoCommitParts) {
    this.#parts = parts
    this.#dueAt = parts.clock.monotonic() + parts.settings.autoCommitIntervalMs
  }

  /** Infinity: never. */
  get intervalMs(): number {
    const { enableAutoCommit, autoCommitIntervalMs } = this.#parts.settings
    return enableAutoCommit ? autoCommitIntervalMs : Number.POSITIVE_INFINITY
  }

  /** Commits if it is time to, without waiting for it. */
  tick(now: number): void {
    if (now >= this.#dueAt && !this.#isCommitting) this.start()
  }

  /** Commits without waiting for it. */
  start(): void {
    const { settings, subscription, clock, troubles } = this.#parts
    if (!settings.enableAutoCommit) return
    this.#dueAt = clock.monotonic() + settings.autoCommitIntervalMs
    const offsets = offsetsToCommit(subscription.assigned, 'handled')
    if (offsets.length === 0) troubles.isWell('commit')
    else void this.#commit((commits) => commits.commitOnce(offsets))
  }

  /** Commits now, trying for up to `timeoutMs`: before partitions are given up. Never rejects. */
  async flush(timeoutMs: number): Promise<void> {
    const { settings, subscription, troubles, clock } = this.#parts
    if (!settings.enableAutoCommit) return
    const offsets = offsetsToCommit(subscription.assigned, 'handled')
    if (offsets.length === 0) return
    const startedAt = clock.monotonic()
    const onSetback = (error: RivvenError) => troubles.failed('commit', error, startedAt)
    await this.#commit((commits) => commits.commit(offsets, { timeoutMs, onSetback }))
  }

  async #commit(send: (commits: Commits) => Promise<readonly OffsetToCommit[]>): Promise<void> {
    const { commits, settings, troubles, clock, retryBackoffMs } = this.#parts
    const startedAt = clock.monotonic()
    this.#isCommitting = true
    try {
      const gone = await send(commits)
      troubles.isWell('commit')
      if (gone.length > 0) warnOf(topicGone(gone), settings.logger)
    } catch (error) {
      // Lost membership is told where it is noticed; here it only means that others read these records again.
      const isExpected = error instanceof CommitFailedError || error instanceof RebalanceInProgressError
      const trouble = asRivvenError(error, 'Committing in the background')
      if (trouble.retriable) {
        this.#dueAt = clock.monotonic() + retryBackoffMs
        troubles.failed('commit', trouble, startedAt)
      } else {
        troubles.isWell('commit')
        if (!isExpected) troubles.report(trouble)
      }
    } finally {
      this.#isCommitting = false
    }
  }
}

function warnOf({ message, facts }: RivvenError, logger: Logger): void {
  logger.warn(message, facts)
}

/** Offsets behind what was delivered, or handled; without those that are committed already. */
export function offsetsToCommit(states: Iterable<PartitionState>, upTo: 'delivered' | 'handled'): OffsetToCommit[] {
  const offsets: OffsetToCommit[] = []
  for (const state of states) {
    const place: Position | null = state[upTo]
    if (!place || place.offset === state.committedOffset) continue
    offsets.push({ topic: state.topic, partition: state.partition, ...place })
  }
  return offsets
}

/** These need no commit any more. */
export function noteSettled(subscription: SubscriptionState, offsets: readonly OffsetToCommit[]): void {
  for (const { topic, partition, offset } of offsets) {
    const state = subscription.of(topic, partition)
    if (state) state.committedOffset = offset
  }
}
