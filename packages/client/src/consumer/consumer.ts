import type { CommittedOffset, OffsetToCommit } from '../admin/group-offsets.js'
import { RivvenError } from '../errors.js'
import { Cluster } from '../net/cluster.js'
import type { ClusterImage } from '../net/cluster-image.js'
import { isDoneBy } from '../net/deadline.js'
import { GroupRequests, noMember } from '../net/group-requests.js'
import { sleep } from '../net/retry.js'
import { type CallChecks, invalid, mustFitCall } from '../options.js'
import { sortPartitions, type TopicPartition } from '../topic-partition.js'
import type { ConsumerRecord } from './fetch/consumer-record.js'
import { Fetcher } from './fetch/fetcher.js'
import { Membership } from './group/membership.js'
import { ListenerCalls, type RebalanceListener } from './group/rebalance-listener.js'
import { type ConsumerHealth, type ConsumerState, healthOf } from './health.js'
import type { OffsetQuestion } from './offsets/ask-leaders.js'
import { AutoCommit, noteSettled, offsetsToCommit } from './offsets/auto-commit.js'
import { noGroup } from './offsets/commit-refusals.js'
import { Commits } from './offsets/commits.js'
import type { ConsumerPosition } from './offsets/consumer-position.js'
import { topicGone } from './offsets/gone-partitions.js'
import { type OffsetForTime, OffsetQueries, type PartitionOffset } from './offsets/offset-queries.js'
import { offsetsBehind, type RecordPlace } from './offsets/offsets-behind.js'
import { Positions } from './offsets/positions.js'
import { consumerCalls } from './options/consumer-calls.js'
import { type ConsumerOptions, type ConsumerSettings, consumerSettings } from './options/consumer-options.js'
import { PollLoop } from './poll-loop.js'
import { Bell } from './state/bell.js'
import { OpenCalls } from './state/open-calls.js'
import type { PartitionState } from './state/partition-state.js'
import { SubscriptionState } from './state/subscription-state.js'
import { TopicWatch } from './state/topic-watch.js'
import { Troubles } from './state/troubles.js'

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
  readonly #cluster: Cluster
  readonly #settings: ConsumerSettings
  readonly #bell: Bell
  readonly #troubles: Troubles
  readonly #subscription = new SubscriptionState()
  readonly #watch: TopicWatch
  readonly #commits: Commits
  readonly #positions: Positions
  readonly #fetcher: Fetcher
  readonly #autoCommit: AutoCommit
  readonly #queries: OffsetQueries
  readonly #listener: ListenerCalls
  readonly #membership: Membership | null
  readonly #loop: PollLoop
  readonly #calls: OpenCalls
  #isClosed = false
  #closing: Promise<void> | null = null

  /** Opens no connection yet. Throws INVALID_ARGUMENT for options that make no sense. */
  constructor(options: ConsumerOptions) {
    const settings = consumerSettings(options)
    const cluster = new Cluster(options)
    const subscription = this.#subscription
    const { clock } = cluster.runtime
    const bell = new Bell(clock)
    const troubles = new Troubles(clock, cluster.requestTimeoutMs)
    const requests = settings.groupId === undefined ? null : new GroupRequests(cluster, settings.groupId)
    const commits = new Commits(cluster, requests, {
      claimFor: (offsets) =>
        subscription.isShared && this.#membership ? this.#membership.claimFor(offsets) : () => noMember,
      refused: (code, identity) =>
        subscription.isShared && this.#membership ? this.#membership.refused(code, identity) : code,
      settled: (offsets) => noteSettled(subscription, offsets),
    })
    const onChange = (image: ClusterImage) => this.#imageChanged(image)
    const watch = new TopicWatch({ cluster, settings, subscription, troubles, onChange })
    const positions = new Positions({ cluster, settings, subscription, commits, watch, troubles, bell })
    const retryBackoffMs = cluster.retryBackoffMs
    const autoCommit = new AutoCommit({ clock, settings, subscription, commits, troubles, retryBackoffMs })
    const listener = new ListenerCalls(clock, settings.maxPollIntervalMs)
    const commitHandled = (timeoutMs: number) => autoCommit.flush(timeoutMs)
    const group = { cluster, settings, subscription, watch, troubles, bell, listener, commitHandled }
    const membership = requests && new Membership({ ...group, requests })
    const onHint = () => membership?.hinted() ?? 'cooperative'
    const fetcher = new Fetcher({ cluster, settings, subscription, watch, positions, troubles, bell, onHint })
    const calls = new OpenCalls((isAnyOpen) => {
      cluster.isWaitedFor = isAnyOpen
    })
    const reading = { clock, settings, subscription, watch, positions, troubles, bell, calls }
    this.#loop = new PollLoop({ ...reading, membership, fetcher, autoCommit })
    this.#membership = membership
    this.#fetcher = fetcher
    this.#queries = new OffsetQueries(cluster, settings)
    this.#cluster = cluster
    this.#calls = calls
    this.#settings = settings
    this.#bell = bell
    this.#troubles = troubles
    this.#watch = watch
    this.#commits = commits
    this.#positions = positions
    this.#autoCommit = autoCommit
    this.#listener = listener
  }

  /** Where membership in the group stands; `unsubscribed` and `manual` without one, `closed` at the end. */
  get state(): ConsumerState {
    if (this.#isClosed) return 'closed'
    const { kind } = this.#subscription.interest
    if (kind === 'none') return 'unsubscribed'
    return kind === 'manual' ? 'manual' : (this.#membership?.state ?? 'unsubscribed')
  }

  /** The id that the group gave this member; '' while it is none. */
  get memberId(): string {
    return this.#membership?.memberId ?? ''
  }

  /** Generation of the group; -1 while this is no member. */
  get generationId(): number {
    return this.#membership?.generationId ?? -1
  }

  /** How this consumer is, at once and without asking anybody. */
  health(): ConsumerHealth {
    return healthOf({
      state: this.state,
      settings: this.#settings,
      membership: this.#subscription.isShared ? this.#membership : null,
      coordinator: this.#cluster.knownCoordinator(this.#settings.groupId ?? '', 'group')?.address,
      assignment: this.assignment(),
      trouble: this.#troubles.present,
      now: this.#cluster.runtime.clock.monotonic(),
    })
  }

  /**
   * Shares the partitions of these topics with the other members of the group, in place of those subscribed to before.
   * With a pattern: of all topics that match it, also later ones, but not the broker's own. Joining happens in `poll`.
   */
  async subscribe(topics: string | readonly string[] | RegExp): Promise<void> {
    mustFitCall(consumerCalls, 'subscribe', [topics])
    this.#mustBeOpen()
    const membership = this.#membership
    if (!membership) throw invalid('Subscribing needs a groupId.', 'Give one, or read without a group: assign().')
    if (topics instanceof RegExp) this.#subscription.subscribePattern(topics)
    else {
      const list = typeof topics === 'string' ? [topics] : topics
      if (list.length === 0) return this.unsubscribe()
      if (!this.#subscription.subscribe(list)) return
    }
    membership.requestRejoin(membership.generationId < 0 ? 'first join' : 'the subscription changed')
    if (topics instanceof RegExp) membership.imageChanged(this.#cluster.image)
  }

  /** Reads exactly these partitions, without sharing them: no group is joined. Those read already go on where they are. */
  async assign(partitions: readonly TopicPartition[]): Promise<void> {
    mustFitCall(consumerCalls, 'assign', [partitions])
    this.#mustBeOpen()
    if (partitions.length === 0) return this.unsubscribe()
    this.#autoCommit.start()
    this.#subscription.assignManually(sortPartitions(partitions))
    this.#bell.ring()
  }

  /** Reads nothing any more; a member leaves its group, unless it is static. Nothing is committed. */
  async unsubscribe(): Promise<void> {
    this.#mustBeOpen()
    try {
      const { requestTimeoutMs } = this.#cluster
      if (this.#subscription.isShared)
        await this.#calls.during(async () => this.#membership?.leave('unsubscribed', requestTimeoutMs))
    } finally {
      this.#subscription.unsubscribe()
    }
    this.#listener.throwError()
  }

  /** Topics subscribed to; with a pattern those that match it. */
  subscription(): string[] {
    return [...this.#subscription.topics]
  }

  /** Partitions that this consumer reads. */
  assignment(): TopicPartition[] {
    return sortPartitions(this.#subscription.assigned).map(({ topic, partition }) => ({ topic, partition }))
  }

  /** Told when partitions come and go; `poll` calls it and waits for it. null: nobody. */
  setRebalanceListener(listener: RebalanceListener | null): void {
    mustFitCall(consumerCalls, 'setRebalanceListener', [listener])
    this.#listener.listener = listener
  }

  /**
   * The next records, at once if there are any, else the first that come within `timeoutMs`; none if none come. Joins
   * the group, takes part in rebalances and calls the listener. Calling it again says that all records returned before
   * are handled. Throws what keeps this consumer from reading; calling it again tries again.
   */
  async poll(timeoutMs = 0): Promise<ConsumerRecord[]> {
    mustFitCall(consumerCalls, 'poll', [timeoutMs])
    this.#mustBeOpen()
    return this.#loop.poll(timeoutMs)
  }

  /**
   * All records, one by one, until the consumer is stopped or closed. Asking for the next one says that those before are
   * handled: `commit` in the loop commits up to the present record.
   */
  [Symbol.asyncIterator](): AsyncGenerator<ConsumerRecord, void, undefined> {
    return this.#loop.iterate()
  }

  /**
   * Commits behind this record, or behind each of these: they, and all before them in their partitions, are handled. Without
   * any it commits behind *all* records returned so far: after a loop that was left early, also behind those that were not
   * handled. Asks nobody where nothing is new. Throws when others own the partitions by now.
   */
  async commit(handled?: RecordPlace | readonly RecordPlace[]): Promise<void> {
    mustFitCall(consumerCalls, 'commit', [handled])
    this.#mayStillCommit()
    if (this.#settings.groupId === undefined) throw noGroup('Commits')
    const subscription = this.#subscription
    const offsets =
      handled === undefined
        ? offsetsToCommit(subscription.assigned, 'delivered')
        : offsetsBehind(Array.isArray(handled) ? handled : [handled as RecordPlace], subscription)
    if (offsets.length > 0) await this.commitOffsets(offsets)
  }

  /**
   * Commits these: for each partition the offset of the next record to read. Those that cannot be committed, as their
   * topic was deleted, make it throw UNKNOWN_TOPIC_OR_PARTITION; the others are committed all the same.
   */
  async commitOffsets(offsets: readonly OffsetToCommit[]): Promise<void> {
    mustFitCall(consumerCalls, 'commitOffsets', [offsets])
    this.#mayStillCommit()
    if (offsets.length === 0) return
    const options = { timeoutMs: this.#settings.apiTimeoutMs }
    const gone = await this.#calls.during(() => this.#commits.commit(offsets, options))
    if (gone.length > 0) throw topicGone(gone)
  }

  /** Reads on at this offset in an assigned partition. */
  seek(place: TopicPartition & { offset: number; leaderEpoch?: number }): void {
    mustFitCall(consumerCalls, 'seek', [place])
    const { topic, partition, offset, leaderEpoch = -1 } = place
    this.#mustBeOpen()
    this.#subscription.mustOwn({ topic, partition }).jump({ offset, leaderEpoch })
    this.#bell.ring()
  }

  /** Reads on from the first record there is; default: in all assigned partitions. */
  seekToBeginning(partitions: readonly TopicPartition[] = this.assignment()): void {
    mustFitCall(consumerCalls, 'seekToBeginning', [partitions])
    this.#seekTo(partitions, 'earliest')
  }

  /** Reads on with what is written from now on; default: in all assigned partitions. */
  seekToEnd(partitions: readonly TopicPartition[] = this.assignment()): void {
    mustFitCall(consumerCalls, 'seekToEnd', [partitions])
    this.#seekTo(partitions, 'latest')
  }

  /**
   * Reads on at what the group has committed, or where `autoOffsetReset` says: after a transaction was aborted, so that its
   * records are read again. Default: in all assigned partitions.
   */
  seekToCommitted(partitions: readonly TopicPartition[] = this.assignment()): void {
    mustFitCall(consumerCalls, 'seekToCommitted', [partitions])
    this.#mustBeOpen()
    if (this.#settings.groupId === undefined) throw noGroup('Committed offsets')
    for (const partition of partitions) this.#subscription.mustOwn(partition).rewind()
    this.#bell.ring()
  }

  /** Returns no records of these until they are resumed; default: of all assigned ones. Positions stay. */
  pause(partitions: readonly TopicPartition[] = this.assignment()): void {
    mustFitCall(consumerCalls, 'pause', [partitions])
    for (const partition of partitions) this.#subscription.mustOwn(partition).isPaused = true
  }

  resume(partitions: readonly TopicPartition[] = this.assignment()): void {
    mustFitCall(consumerCalls, 'resume', [partitions])
    for (const partition of partitions) this.#subscription.mustOwn(partition).isPaused = false
    this.#fetcher.pump()
    this.#bell.ring()
  }

  paused(): TopicPartition[] {
    const states = sortPartitions(this.#subscription.assigned).filter(({ isPaused }) => isPaused)
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
    return partition ? this.#calls.during(() => this.#offsetOf(partition)) : this.#snapshot()
  }

  async #offsetOf(partition: TopicPartition): Promise<number> {
    this.#mustBeOpen()
    const { clock } = this.#cluster.runtime
    const deadline = clock.monotonic() + this.#settings.apiTimeoutMs
    for (;;) {
      const state = this.#subscription.mustOwn(partition)
      if (state.position) return (state.delivered ?? state.position).offset
      this.#positions.update()
      this.#troubles.throwIfDue()
      if (clock.monotonic() >= deadline) throw noPosition(state, this.#settings.apiTimeoutMs)
      await sleep(clock, 5, this.#cluster.closeSignal)
    }
  }

  #snapshot(): ConsumerPosition {
    this.#mayStillCommit()
    const { groupId } = this.#settings
    if (groupId === undefined) throw noGroup('Positions to commit')
    const subscription = this.#subscription
    const claim = subscription.isShared ? (this.#membership?.claim ?? null) : noMember
    const placed = [...subscription.assigned].filter(({ position }) => position !== null)
    const offsets = offsetsToCommit(placed, 'delivered')
    const committed = () => noteSettled(subscription, offsets)
    return { groupId, ...(claim ?? noMember), offsets, isLost: claim === null, committed }
  }

  /** What the group has committed for these partitions, whoever owns them; offset -1 where there is nothing. */
  async committed(partitions: readonly TopicPartition[] = this.assignment()): Promise<CommittedOffset[]> {
    mustFitCall(consumerCalls, 'committed', [partitions])
    this.#mustBeOpen()
    if (partitions.length === 0) return []
    return this.#calls.during(() => this.#commits.committed(partitions, this.#settings.apiTimeoutMs))
  }

  /** Offsets of the first records there are. */
  async beginningOffsets(partitions: readonly TopicPartition[]): Promise<PartitionOffset[]> {
    mustFitCall(consumerCalls, 'beginningOffsets', [partitions])
    this.#mustBeOpen()
    return this.#calls.during(() => this.#queries.beginnings(partitions))
  }

  /** Offsets behind the last records that this consumer could read, so with read_committed before open transactions. */
  async endOffsets(partitions: readonly TopicPartition[]): Promise<PartitionOffset[]> {
    mustFitCall(consumerCalls, 'endOffsets', [partitions])
    this.#mustBeOpen()
    return this.#calls.during(() => this.#queries.ends(partitions))
  }

  /** For each partition the first record that is not older than `timestamp` (ms since 1970); offset -1 where all are. */
  async offsetsForTimes(times: readonly OffsetQuestion[]): Promise<OffsetForTime[]> {
    mustFitCall(consumerCalls, 'offsetsForTimes', [times])
    this.#mustBeOpen()
    return this.#calls.during(() => this.#queries.forTimes(times))
  }

  /**
   * Ends the loop: `for await` ends once the present record is handled, and a poll that waits returns nothing. The consumer
   * stays a member: commit what is left, then `close`. For signals: `process.once('SIGTERM', () => consumer.stop())`.
   */
  stop(): void {
    this.#loop.stop()
  }

  /**
   * With auto-commit commits what was handled (what the last poll returned is not: commit it before), calls the listener,
   * leaves the group (static members stay) and closes all connections. A poll that waits returns nothing. Each call waits for
   * the same end; only within the rebalance listener it resolves at once, and closing goes on when that has returned.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    mustFitCall(consumerCalls, 'close', [options])
    this.#closing ??= this.#calls.during(() => this.#close(options.timeoutMs ?? 30_000))
    // Who cannot wait does not hear of a failure either; the next call tells it.
    if (this.#listener.isInside) this.#closing.catch(ignoreFailure)
    else await this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #imageChanged(image: ClusterImage): void {
    if (this.#isClosed) return
    this.#positions.check(image)
    if (this.#subscription.isShared) this.#membership?.imageChanged(image)
    this.#fetcher.pump()
    this.#bell.ring()
  }

  #seekTo(partitions: readonly TopicPartition[], to: 'earliest' | 'latest'): void {
    this.#mustBeOpen()
    for (const partition of partitions) this.#subscription.mustOwn(partition).lookUp({ kind: 'reset', to })
    this.#bell.ring()
  }

  async #close(timeoutMs: number): Promise<void> {
    const { clock } = this.#cluster.runtime
    this.#isClosed = true
    try {
      await isDoneBy(this.#sayGoodbye(timeoutMs), clock.monotonic() + timeoutMs, clock)
    } finally {
      this.#membership?.stop()
      this.#fetcher.close()
      this.#positions.close()
      this.#watch.close()
      await this.#cluster.close()
    }
    this.#listener.throwError()
  }

  /** A group that cannot be told finds out by the session timeout: nothing here fails the close. */
  async #sayGoodbye(timeoutMs: number): Promise<void> {
    await this.#loop.close()
    await this.#autoCommit.flush(timeoutMs)
    await this.#commits.settled()
    if (this.#subscription.isShared)
      await this.#membership?.leave('the consumer was closed', timeoutMs).catch(ignoreFailure)
  }

  /** Also while closing gives the partitions up, as the listener is told. */
  #mayStillCommit(): void {
    if (!this.#listener.isInside) this.#mustBeOpen()
  }

  #mustBeOpen(): void {
    if (!this.#isClosed) return
    throw new RivvenError('CLIENT_CLOSED', 'The consumer was closed.', { hint: 'Make a new one to go on.' })
  }
}

type Asking = 'state' | 'memberId' | 'generationId' | 'health' | 'subscription' | 'assignment' | 'paused' | 'position'
/** A call without checks does not compile. */
consumerCalls satisfies CallChecks<Exclude<keyof Consumer & string, Asking | 'unsubscribe' | 'stop'>>

function ignoreFailure(): void {
  // Whoever cannot leave is given up by the group after its session timeout.
}

function noPosition({ topic, partition }: PartitionState, timeoutMs: number): RivvenError {
  const text = `The position of ${topic}/${partition} was not found within ${timeoutMs} ms.`
  return new RivvenError('TIMED_OUT', text, { retriable: true, facts: { topic, partition } })
}
