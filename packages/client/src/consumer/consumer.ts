import type { CommittedOffset, OffsetToCommit } from '../admin/group-offsets.js'
import type { ConsumerMetrics } from '../diagnostics/metrics.js'
import { type CallChecks, mustFitCall } from '../options.js'
import { commonCalls, hintAtCalls } from '../other-methods.js'
import { sortPartitions, type TopicPartition } from '../topic-partition.js'
import { type ConsumerParts, consumerParts } from './consumer-parts.js'
import type { ConsumerRecord } from './fetch/consumer-record.js'
import type { RebalanceListener } from './group/rebalance-listener.js'
import { type ConsumerHealth, type ConsumerState, healthOf, stateOf } from './health.js'
import type { OffsetQuestion } from './offsets/ask-leaders.js'
import type { ConsumerPosition } from './offsets/consumer-position.js'
import type { OffsetForTime, PartitionOffset } from './offsets/offset-queries.js'
import type { RecordPlace } from './offsets/offsets-behind.js'
import { consumerCalls } from './options/consumer-calls.js'
import type { ConsumerOptions } from './options/consumer-options.js'

export interface CloseOptions {
  /** How long committing and leaving may take, in milliseconds. Default 30000. */
  timeoutMs?: number
}

/**
 * Reads records, alone or as a member of a group.
 *
 * ```ts
 * const consumer = new Consumer({ bootstrapServers: ['localhost:9092'], groupId: 'order-processors' })
 * process.once('SIGTERM', () => consumer.stop())
 * await consumer.subscribe(['orders'])
 * for await (const record of consumer) {
 *   await handle(record)
 *   await consumer.commit(record)
 * }
 * await consumer.close()
 * ```
 * Calls are made one after the other, as here; only `stop` and `close` may be called while a poll waits.
 */
export class Consumer implements AsyncIterable<ConsumerRecord> {
  readonly #parts: ConsumerParts

  /** Opens no connection yet. Throws INVALID_ARGUMENT for options that make no sense. */
  constructor(options: ConsumerOptions) {
    this.#parts = consumerParts(options)
  }

  /** Where membership in the group stands; `unsubscribed` and `manual` without one, `closed` at the end. */
  get state(): ConsumerState {
    return stateOf(this.#parts)
  }

  /** The id that the group gave this member; '' while it is none. */
  get memberId(): string {
    return this.#parts.membership?.memberId ?? ''
  }

  /** Generation of the group; -1 while this is no member. */
  get generationId(): number {
    return this.#parts.membership?.generationId ?? -1
  }

  /** How this consumer is, at once and without asking anybody. */
  health(): ConsumerHealth {
    return healthOf(this.#parts, this.assignment())
  }

  /** Figures since it was made, with the lag of its partitions; at once and without asking anybody. */
  metrics(): ConsumerMetrics {
    return this.#parts.metrics()
  }

  /**
   * Shares the partitions of these topics with the other members of the group, in place of those subscribed to before.
   * With a pattern: of all topics that match it, also later ones, but not the broker's own. Joining happens in `poll`.
   */
  async subscribe(topics: string | readonly string[] | RegExp): Promise<void> {
    mustFitCall(consumerCalls, 'subscribe', arguments)
    await this.#parts.subscribing.subscribe(typeof topics === 'string' ? [topics] : topics)
  }

  /** Reads exactly these partitions, without sharing them: no group is joined. Those read already go on where they are. */
  async assign(partitions: readonly TopicPartition[]): Promise<void> {
    mustFitCall(consumerCalls, 'assign', arguments)
    await this.#parts.subscribing.assign(partitions)
  }

  /** Reads nothing any more; a member leaves its group, unless it is static. Nothing is committed. */
  async unsubscribe(): Promise<void> {
    await this.#parts.subscribing.unsubscribe()
  }

  /** Topics subscribed to; with a pattern those that match it. */
  subscription(): string[] {
    return [...this.#parts.subscription.topics]
  }

  /** Partitions that this consumer reads. */
  assignment(): TopicPartition[] {
    return sortPartitions(this.#parts.subscription.assigned).map(({ topic, partition }) => ({ topic, partition }))
  }

  /** Told when partitions come and go; `poll` calls it and waits for it. null: nobody. */
  setRebalanceListener(listener: RebalanceListener | null): void {
    mustFitCall(consumerCalls, 'setRebalanceListener', arguments)
    this.#parts.listener.listener = listener
  }

  /**
   * The next records, at once if there are any, else the first that come within `timeoutMs`; none if none come. Joins
   * the group, takes part in rebalances and calls the listener. Calling it again says that all records returned before
   * are handled. Throws what keeps this consumer from reading; calling it again tries again.
   */
  async poll(timeoutMs = 0): Promise<ConsumerRecord[]> {
    mustFitCall(consumerCalls, 'poll', arguments)
    this.#parts.lifetime.mustBeOpen()
    return this.#parts.loop.poll(timeoutMs)
  }

  /**
   * All records, one by one, until the consumer is stopped or closed. Asking for the next one says that those before are
   * handled: `commit` in the loop commits up to the present record.
   */
  [Symbol.asyncIterator](): AsyncGenerator<ConsumerRecord, void, undefined> {
    return this.#parts.loop.iterate()
  }

  /**
   * Commits behind this record, or behind each of these: they, and all before them in their partitions, are handled. Without
   * any it commits behind *all* records returned so far: after a loop that was left early, also behind those that were not
   * handled. Asks nobody where nothing is new. In a rebalance it goes on for what is still owned, and waits where it must, up
   * to `apiTimeoutMs`, then it throws REBALANCE_IN_PROGRESS. Throws COMMIT_FAILED for partitions that were given up or lost.
   */
  async commit(handled?: RecordPlace | readonly RecordPlace[]): Promise<void> {
    mustFitCall(consumerCalls, 'commit', arguments)
    const records = Array.isArray(handled) ? handled : [handled as RecordPlace]
    await this.#parts.progress.commit(handled === undefined ? null : records)
  }

  /**
   * Commits these, as `commit` does: for each partition the offset of the next record to read. Those that cannot be
   * committed make it throw, COMMIT_FAILED or, as their topic was deleted, UNKNOWN_TOPIC_OR_PARTITION; the others are
   * committed all the same.
   */
  async commitOffsets(offsets: readonly OffsetToCommit[]): Promise<void> {
    mustFitCall(consumerCalls, 'commitOffsets', arguments)
    await this.#parts.progress.commitOffsets(offsets)
  }

  /** Reads on at this offset in an assigned partition. */
  seek(place: TopicPartition & { offset: number; leaderEpoch?: number }): void {
    mustFitCall(consumerCalls, 'seek', arguments)
    const { topic, partition, offset, leaderEpoch = -1 } = place
    this.#parts.seeks.toPlace({ topic, partition }, { offset, leaderEpoch })
  }

  /** Reads on from the first record there is; default: in all assigned partitions. */
  seekToBeginning(partitions: readonly TopicPartition[] = this.assignment()): void {
    mustFitCall(consumerCalls, 'seekToBeginning', arguments)
    this.#parts.seeks.toEnd(partitions, 'earliest')
  }

  /** Reads on with what is written from now on; default: in all assigned partitions. */
  seekToEnd(partitions: readonly TopicPartition[] = this.assignment()): void {
    mustFitCall(consumerCalls, 'seekToEnd', arguments)
    this.#parts.seeks.toEnd(partitions, 'latest')
  }

  /**
   * Reads on at what the group has committed, or where `autoOffsetReset` says: after a transaction was aborted, so that its
   * records are read again. Default: in all assigned partitions.
   */
  seekToCommitted(partitions: readonly TopicPartition[] = this.assignment()): void {
    mustFitCall(consumerCalls, 'seekToCommitted', arguments)
    this.#parts.seeks.toCommitted(partitions)
  }

  /** Returns no records of these until they are resumed; default: of all assigned ones. Positions stay. */
  pause(partitions: readonly TopicPartition[] = this.assignment()): void {
    mustFitCall(consumerCalls, 'pause', arguments)
    const now = this.#parts.clock.monotonic()
    for (const partition of partitions) this.#parts.subscription.mustOwn(partition).pause(now)
  }

  resume(partitions: readonly TopicPartition[] = this.assignment()): void {
    mustFitCall(consumerCalls, 'resume', arguments)
    const now = this.#parts.clock.monotonic()
    for (const partition of partitions) this.#parts.subscription.mustOwn(partition).resume(now)
    this.#parts.fetcher.pump()
    this.#parts.bell.ring()
  }

  paused(): TopicPartition[] {
    const states = sortPartitions(this.#parts.subscription.assigned).filter(({ isPaused }) => isPaused)
    return states.map(({ topic, partition }) => ({ topic, partition }))
  }

  /**
   * How far this consumer has come in all its partitions, for `transaction.commitOffsets`: behind the records returned so
   * far, with its place in the group. Needs a groupId.
   */
  position(): ConsumerPosition
  /** The offset of the next record of an assigned partition; looked up if it is not known yet. */
  position(partition: TopicPartition): Promise<number>
  position(partition?: TopicPartition): ConsumerPosition | Promise<number> {
    const { calls, seeks, progress } = this.#parts
    return partition ? calls.during(() => seeks.position(partition)) : progress.position
  }

  /** What the group has committed for these partitions, whoever owns them; offset -1 where there is nothing. */
  async committed(partitions: readonly TopicPartition[] = this.assignment()): Promise<CommittedOffset[]> {
    mustFitCall(consumerCalls, 'committed', arguments)
    return this.#parts.progress.committed(partitions)
  }

  /** Offsets of the first records there are. */
  async beginningOffsets(partitions: readonly TopicPartition[]): Promise<PartitionOffset[]> {
    mustFitCall(consumerCalls, 'beginningOffsets', arguments)
    const { lifetime, calls, queries } = this.#parts
    lifetime.mustBeOpen()
    return calls.during(() => queries.beginnings(partitions))
  }

  /** Offsets behind the last records that this consumer could read, so with read_committed before open transactions. */
  async endOffsets(partitions: readonly TopicPartition[]): Promise<PartitionOffset[]> {
    mustFitCall(consumerCalls, 'endOffsets', arguments)
    const { lifetime, calls, queries } = this.#parts
    lifetime.mustBeOpen()
    return calls.during(() => queries.ends(partitions))
  }

  /** For each partition the first record that is not older than `timestamp` (ms since 1970); offset -1 where all are. */
  async offsetsForTimes(times: readonly OffsetQuestion[]): Promise<OffsetForTime[]> {
    mustFitCall(consumerCalls, 'offsetsForTimes', arguments)
    const { lifetime, calls, queries } = this.#parts
    lifetime.mustBeOpen()
    return calls.during(() => queries.forTimes(times))
  }

  /**
   * Ends the loop: `for await` ends once the present record is handled, and a poll that waits returns nothing. The consumer
   * stays a member: commit what is left, then `close`. For signals: `process.once('SIGTERM', () => consumer.stop())`.
   */
  stop(): void {
    this.#parts.loop.stop()
  }

  /**
   * With auto-commit commits what was handled (what the last poll returned is not: commit it before), calls the listener,
   * leaves the group (static members stay) and closes all connections. A poll that waits returns nothing. Each call waits for
   * the same end; only within the rebalance listener it resolves at once, and closing goes on when that has returned.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    mustFitCall(consumerCalls, 'close', arguments)
    await this.#parts.lifetime.close(options.timeoutMs ?? 30_000)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

type Asking =
  | 'state'
  | 'memberId'
  | 'generationId'
  | 'health'
  | 'metrics'
  | 'subscription'
  | 'assignment'
  | 'paused'
  | 'position'
/** A call without checks does not compile. */
consumerCalls satisfies CallChecks<Exclude<keyof Consumer & string, Asking | 'unsubscribe' | 'stop'>>

hintAtCalls(Consumer, {
  ...commonCalls,
  run: 'Write for await (const record of consumer) { … }, or call poll().',
  eachMessage: 'Write for await (const record of consumer) { … }.',
  eachBatch: 'Write poll(), which returns up to maxPollRecords records.',
  consume: 'Write for await (const record of consumer) { … }, or call poll().',
  commitSync: 'Write commit(record), or commit() for all that was returned.',
  commitAsync: 'Write commit(record), or commit() for all that was returned.',
})
