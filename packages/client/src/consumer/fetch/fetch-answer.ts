import { asRivvenError, backoff, errorFromCode } from '@rivven/link'
import { AbortedFilter, contiguous, ErrorCode, errorOf, type FetchResponse, ZERO_UUID } from '@rivven/protocol'
import type { Cluster } from '../../net/cluster.js'
import { partitionKey } from '../../topic-partition.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { PartitionState } from '../state/partition-state.js'
import type { Troubles } from '../state/troubles.js'
import type { FetchBuffers } from './fetch-buffers.js'
import type { FetchTarget } from './fetch-session.js'
import { FetchedChunk } from './fetched-chunk.js'

export interface FetchAnswerContext {
  cluster: Cluster
  settings: ConsumerSettings
  buffers: FetchBuffers
  troubles: Troubles
  /** The one that answered. */
  broker: number
  onStaleMetadata(): void
  onOutOfRange(state: PartitionState): void
}

type PartitionAnswer = FetchResponse['responses'][number]['partitions'][number]

/** How long a nearer replica is used before the leader is asked again, in milliseconds. */
const preferredReplicaMs = 300_000

/** Takes an answer without top-level error; true when there is something that poll should look at. */
export function takeFetchAnswer(
  answer: FetchResponse,
  targets: readonly FetchTarget[],
  context: FetchAnswerContext,
): boolean {
  const asked = new Map<string, FetchTarget>()
  for (const target of targets) {
    asked.set(partitionKey(target.topic, target.partition), target)
    if (target.topicId !== ZERO_UUID) asked.set(partitionKey(target.topicId, target.partition), target)
  }
  let isNews = false
  const troubled = new Set<FetchTarget>()
  for (const { topic, topicId, partitions } of answer.responses) {
    for (const partition of partitions) {
      const target = asked.get(partitionKey(topic === '' ? topicId : topic, partition.partitionIndex))
      if (!target || !isCurrent(target)) continue
      isNews = takePartition(target, partition, answer, context) || isNews
      if (partition.errorCode !== ErrorCode.NONE) troubled.add(target)
    }
  }
  // In a session, whatever has no news is not mentioned.
  for (const target of targets) if (!troubled.has(target)) target.state.failures = 0
  return isNews
}

/** Whether the partition is still read, and from where it was when it was asked for. */
function isCurrent({ state, version }: FetchTarget): boolean {
  return state.isAssigned && state.version === version
}

function takePartition(
  target: FetchTarget,
  answer: PartitionAnswer,
  { nodeEndpoints }: FetchResponse,
  context: FetchAnswerContext,
): boolean {
  const { state } = target
  if (answer.errorCode !== ErrorCode.NONE) {
    const { currentLeader } = answer
    const address = nodeEndpoints.find(({ nodeId }) => nodeId === currentLeader.leaderId)
    const { leaderId: leader, leaderEpoch } = currentLeader
    context.cluster.hintLeader({ topic: target.topic, partition: target.partition, leader, leaderEpoch }, address)
    return takeError(target, answer.errorCode, context)
  }
  state.highWatermark = answer.highWatermark
  state.lastStableOffset = answer.lastStableOffset
  if (answer.preferredReadReplica >= 0 && answer.preferredReadReplica !== context.broker) {
    const until = context.cluster.runtime.clock.monotonic() + preferredReplicaMs
    state.preferredReplica = { broker: answer.preferredReadReplica, until }
  }
  const records = answer.records === null ? null : contiguous(answer.records)
  return records !== null && records.length > 0 && takeRecords(target, records, answer, context)
}

function takeRecords(
  { state, fetchOffset }: FetchTarget,
  records: Buffer,
  answer: PartitionAnswer,
  { buffers, settings, troubles, cluster, broker }: FetchAnswerContext,
): boolean {
  // While its leader is asked about a position nothing may move it: the answer is about this one.
  if (state.phase.kind !== 'ready') return false
  if (state.fetchPosition === null || state.fetchPosition.offset !== fetchOffset) return false
  const { topic, partition, fetchPosition: position } = state
  const aborted = settings.isolationLevel === 1 ? new AbortedFilter(answer.abortedTransactions ?? []) : null
  try {
    const chunk = new FetchedChunk({ topic, partition, records, position, aborted })
    buffers.add(state, chunk)
    state.fetchPosition = chunk.end
  } catch (error) {
    troubles.report(asRivvenError(error, `Reading ${topic}/${partition}`))
    retryLater(state, broker, cluster)
  }
  return true
}

function takeError({ state, topic, partition }: FetchTarget, code: number, context: FetchAnswerContext): boolean {
  const error = errorOf(code)
  retryLater(state, context.broker, context.cluster)
  if (state.preferredReplica?.broker === context.broker) {
    // Whatever the replica has against it, the leader decides.
    state.preferredReplica = null
    return false
  }
  if (code === ErrorCode.OFFSET_OUT_OF_RANGE) {
    // What is buffered before that offset is good and comes first.
    if (context.buffers.pendingBytes(state) === 0) context.onOutOfRange(state)
    return true
  }
  const offset = state.fetchPosition?.offset
  const facts = { topic, partition, offset, broker: context.broker, operation: 'READ' }
  const what = `Fetching ${topic}/${partition} at offset ${offset} from broker ${context.broker}`
  if (code === ErrorCode.CORRUPT_MESSAGE) {
    context.troubles.report(errorFromCode(code, what, { facts, hint: pastDamage }))
    return true
  }
  if (code === ErrorCode.TOPIC_AUTHORIZATION_FAILED) {
    context.troubles.report(errorFromCode(code, what, { facts }))
    return true
  }
  if (error.refreshMetadata || !error.retriable) context.onStaleMetadata()
  // A disk that fails may be another broker's affair soon; where it lasts it is like damage.
  const hint = code === ErrorCode.KAFKA_STORAGE_ERROR ? { hint: pastDamage } : {}
  const trouble = errorFromCode(code, what, { facts, retriable: true, ...hint })
  context.troubles.failed('fetch', trouble, context.cluster.runtime.clock.monotonic())
  return true
}

const pastDamage =
  "Its log says what is damaged. To go on without these records, seek to an offset behind them, or reset the group's."

/** Not soon from this broker; another that leads the partition may be asked at once. */
function retryLater(state: PartitionState, broker: number, cluster: Cluster): void {
  const { clock, random } = cluster.runtime
  state.failures++
  state.refusedBy = broker
  const { retryBackoffMs: backoffMs, maxRetryBackoffMs: maxBackoffMs } = cluster
  state.retryAt = clock.monotonic() + backoff(state.failures, { random, backoffMs, maxBackoffMs })
}
