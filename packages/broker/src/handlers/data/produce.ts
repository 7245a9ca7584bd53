// Hot path: one record in a request is the common small case; it costs one promise, the log's.
import {
  BATCH_HEADER_SIZE,
  batchIsTransactional,
  batchProducerId,
  ErrorCode,
  Produce,
  type ProduceRequest,
} from '@rivven/protocol'
import { askInnerInTurns, fewElements } from '../../breath.js'
import type { Topic } from '../../catalog/catalog.js'
import { peerClientId } from '../../cluster/peers/peers.js'
import { frameBuffers } from '../../frame-buffers.js'
import type { AppendResult } from '../../log/partition-log.js'
import { type Answer, type BrokerServices, handler, type RequestContext } from '../handler.js'
import { denial } from '../rights/denial.js'
import { type CurrentLeader, LeaderHints } from './leader-hints.js'

/** Topics have ids instead of names from here on (KIP-516). */
const FIRST_VERSION_WITH_IDS = 13
/** Who may write into internal topics: Kafka's own administration, for repairs, and other brokers, by their client ids. */
const writersOfInternal: ReadonlySet<string | null> = new Set(['__admin_client', peerClientId])

type ProduceAnswer = NonNullable<Answer<typeof Produce>>
type TopicData = ProduceRequest['topicData'][number]
type PartitionData = TopicData['partitionData'][number]

interface PartitionResult {
  index: number
  errorCode: number
  baseOffset: number
  logAppendTimeMs: number
  logStartOffset: number
  recordErrors: AppendResult['recordErrors']
  errorMessage: string | null
  currentLeader?: CurrentLeader
}

interface TopicResult {
  name: string
  topicId: string
  partitionResponses: PartitionResult[]
}

export const handleProduce = handler(
  Produce,
  (request, services, context) => {
    const call = { request, services, context, fault: requestFault(request, context) }
    if (partitionCount(request) > fewElements) return produceInTurns(call)
    const responses: TopicResult[] = []
    const pending: Promise<void>[] = []
    for (const topic of request.topicData) responses.push(produceTopic(topic, pending, call))
    if (pending.length === 0) return answerOf(call, responses)
    const done = pending.length === 1 ? (pending[0] as Promise<void>) : Promise.all(pending)
    return done.then(() => answerOf(call, responses))
  },
  { overlaps: true },
)

interface Call {
  readonly request: ProduceRequest
  readonly services: BrokerServices
  readonly context: RequestContext
  /** An error of the request as a whole, which all its partitions have. */
  readonly fault: number
}

/**
 * Transactional batches need a transactional id, whichever partition they are for (data-plane.md §8.1), and it belongs to
 * one producer.
 */
function requestFault({ transactionalId, topicData }: ProduceRequest, context: RequestContext): number {
  let producerId: number | undefined
  for (const { partitionData } of topicData) {
    for (const { records } of partitionData) {
      if (!isTransactional(records)) continue
      if (transactionalId === null) return ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
      const denied = producerId === undefined ? denial(context, 'WRITE', 'TRANSACTIONAL_ID', transactionalId) : 0
      if (denied !== ErrorCode.NONE) return denied
      producerId ??= batchProducerId(records)
      if (batchProducerId(records) !== producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
    }
  }
  return ErrorCode.NONE
}

function isTransactional(records: PartitionData['records']): records is Buffer {
  return records instanceof Buffer && records.length >= BATCH_HEADER_SIZE && batchIsTransactional(records, 0)
}

function partitionCount({ topicData }: ProduceRequest): number {
  let count = 0
  for (const { partitionData } of topicData) count += partitionData.length
  return count
}

/** The connection begins nothing else meanwhile: what comes behind is not to be appended before. */
async function produceInTurns(call: Call): Promise<ProduceAnswer | null> {
  const { topicData } = call.request
  let current: { readonly data: TopicData; readonly target: Target } | undefined
  const append = (partition: PartitionData, data: TopicData) => {
    if (current?.data !== data) current = { data, target: targetOf(data, call) }
    const result = emptyResult(partition.index)
    const appending = producePartition(partition, result, current.target, call)
    return appending ? appending.then(() => result) : result
  }
  const partitionsOf = ({ partitionData }: TopicData) => partitionData
  const results = await askInnerInTurns(topicData, partitionsOf, call.services.runtime.clock, append)
  const responses = topicData.map(({ name, topicId }, at) => ({ name, topicId, partitionResponses: results[at] ?? [] }))
  return answerOf(call, responses)
}

function produceTopic(data: TopicData, pending: Promise<void>[], call: Call): TopicResult {
  const target = targetOf(data, call)
  const partitionResponses: PartitionResult[] = []
  for (const partition of data.partitionData) {
    const result = emptyResult(partition.index)
    partitionResponses.push(result)
    const appending = producePartition(partition, result, target, call)
    if (appending) pending.push(appending)
  }
  return { name: data.name, topicId: data.topicId, partitionResponses }
}

/** A topic that is named, and the error that all its partitions have. */
interface Target {
  readonly topic: Topic | undefined
  readonly fault: number
}

function targetOf(data: TopicData, call: Call): Target {
  const { catalog } = call.services
  const usesIds = call.context.apiVersion >= FIRST_VERSION_WITH_IDS
  const topic = usesIds ? catalog.topicById(data.topicId) : catalog.topic(data.name)
  return { topic, fault: call.fault || topicFault(data, topic, call) }
}

/** Whether a topic exists is told to those only who may write to it, but an id says nothing (security.md §9). */
function topicFault({ name }: TopicData, topic: Topic | undefined, { context }: Call): number {
  if (!topic && context.apiVersion >= FIRST_VERSION_WITH_IDS) return ErrorCode.UNKNOWN_TOPIC_ID
  return denial(context, 'WRITE', 'TOPIC', topic?.name ?? name)
}

/** Fills in the result: at once, or when the promise resolves. */
function producePartition(
  partition: PartitionData,
  result: PartitionResult,
  target: Target,
  call: Call,
): Promise<void> | undefined {
  const { index, records } = partition
  const { topic, fault } = target
  const { request, services, context } = call
  const log = topic && services.partitions.log(topic.name, index)
  const coming = fault === ErrorCode.NONE && topic && !log ? services.partitions.coming(topic.name, index) : undefined
  if (coming) return coming.then(() => producePartition(partition, result, target, call))
  if (fault !== ErrorCode.NONE || !log) {
    result.errorCode = fault || services.partitions.faultOf(topic?.name ?? '', index)
    return undefined
  }
  result.errorCode = partitionFault(call, records, topic.isInternal)
  if (result.errorCode !== ErrorCode.NONE) return undefined
  const acks = request.acks as -1 | 0 | 1
  const options = { acks, produceVersion: context.apiVersion, origin: 'client' } as const
  const { transactionalId } = request
  const appending =
    transactionalId !== null && isTransactional(records)
      ? services.transactionGate.append(log, records as Buffer, transactionalId, options)
      : log.append(records as Buffer, options)
  return appending.then((appended) => fill(result, appended))
}

function partitionFault({ request, context }: Call, records: PartitionData['records'], isInternal: boolean): number {
  // Kafka never answers records that are null; an error tells a client more.
  if (!(records instanceof Buffer) || records.length === 0) return ErrorCode.INVALID_RECORD
  const { acks } = request
  if (acks !== -1 && acks !== 0 && acks !== 1) return ErrorCode.INVALID_REQUIRED_ACKS
  return isInternal && !writersOfInternal.has(context.clientId) ? ErrorCode.INVALID_TOPIC_EXCEPTION : ErrorCode.NONE
}

function emptyResult(index: number): PartitionResult {
  return {
    index,
    errorCode: ErrorCode.NONE,
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
    recordErrors: [],
    errorMessage: null,
  }
}

function fill(result: PartitionResult, appended: AppendResult): void {
  result.errorCode = appended.errorCode
  result.baseOffset = appended.baseOffset
  result.logAppendTimeMs = appended.logAppendTimeMs
  result.logStartOffset = appended.logStartOffset
  result.recordErrors = appended.recordErrors
  result.errorMessage = appended.errorMessage
}

function answerOf(call: Call, responses: TopicResult[]): ProduceAnswer | null {
  const { request, context } = call
  const failed = firstFailure(responses)
  if (!failed) giveBackFrame(request)
  if (request.acks !== 0) return failed ? { responses, nodeEndpoints: tellLeaders(responses, call) } : { responses }
  // Nobody waits for an answer: the end of the connection is the only sign of an error (data-plane.md §1.5).
  if (failed)
    context.connection.close(`a produce request without acknowledgement failed with error ${failed.errorCode}`)
  return null
}

/** Notes who leads what is not led here; gives where these brokers are. */
function tellLeaders(responses: readonly TopicResult[], { services, context }: Call) {
  const hints = new LeaderHints(services, context)
  for (const { name, topicId, partitionResponses } of responses) {
    const topic = name || services.catalog.topicById(topicId)?.name
    for (const result of topic === undefined ? [] : partitionResponses) {
      const leader = hints.of(topic as string, result.index, result.errorCode)
      if (leader) result.currentLeader = leader
    }
  }
  return hints.nodeEndpoints
}

function firstFailure(responses: readonly TopicResult[]): PartitionResult | undefined {
  for (const { partitionResponses } of responses) {
    for (const result of partitionResponses) if (result.errorCode !== ErrorCode.NONE) return result
  }
  return undefined
}

/** All is written, so the bytes of the request are nobody's. Where something failed, a write may still be under way. */
function giveBackFrame({ topicData }: ProduceRequest): void {
  const records = topicData[0]?.partitionData[0]?.records
  if (records instanceof Buffer) frameBuffers.giveBack(records)
}
