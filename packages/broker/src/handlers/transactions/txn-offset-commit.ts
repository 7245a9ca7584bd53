import { txnOffsetCommitRefusal } from '@rivven/groups'
import { ErrorCode, TxnOffsetCommit, type TxnOffsetCommitRequest, type TxnOffsetCommitResponse } from '@rivven/protocol'
import type { Catalog } from '../../catalog/catalog.js'
import { offsetsTopic } from '../../coordinator/groups/offsets-topic.js'
import { type BrokerServices, handler, type RequestContext } from '../handler.js'
import { denial } from '../rights/denial.js'

/** Since this version the broker adds the group's partition to the transaction by itself (KIP-890). */
const addsSince = 5
const firstWithAbortable = 4
const firstWithLoading = 2

type CommitTopic = TxnOffsetCommitRequest['topics'][number]
type AnsweredTopic = TxnOffsetCommitResponse['topics'][number]

export const handleTxnOffsetCommit = handler(TxnOffsetCommit, async (request, services, context) => {
  const denied =
    denial(context, 'WRITE', 'TRANSACTIONAL_ID', request.transactionalId) ||
    denial(context, 'READ', 'GROUP', request.groupId)
  if (denied !== ErrorCode.NONE) return txnOffsetCommitRefusal(request, denied)
  const faultOf = faults(services.catalog, context)
  const isGood = (topic: CommitTopic, partition: { partitionIndex: number }) =>
    faultOf(topic, partition) === ErrorCode.NONE
  const known: CommitTopic[] = request.topics
    .map((topic) => ({ ...topic, partitions: topic.partitions.filter((partition) => isGood(topic, partition)) }))
    .filter(({ partitions }) => partitions.length > 0)
  const answer = known.length > 0 ? await commit({ ...request, topics: known }, services, context) : { topics: [] }
  return { throttleTimeMs: 0, topics: merged(request.topics, answer.topics, faultOf) }
})

async function commit(
  request: TxnOffsetCommitRequest,
  services: BrokerServices,
  context: RequestContext,
): Promise<Pick<TxnOffsetCommitResponse, 'topics'>> {
  const refuse = (errorCode: number) => txnOffsetCommitRefusal(request, toldBy(errorCode, context.apiVersion))
  if (request.groupId === '') return refuse(ErrorCode.INVALID_GROUP_ID)
  const { coordinator, transactionDesk } = services
  const partition = await coordinator.partitionOf(request.groupId)
  if (partition === undefined) return refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE)
  const { transactionalId, producerId, producerEpoch } = request
  const verifyOnly = context.apiVersion < addsSince
  const question = { transactionalId, producerId, producerEpoch, topic: offsetsTopic, partition, verifyOnly }
  const markers = coordinator.watchMarkers(producerId)
  try {
    const answer = await transactionDesk.ask(question, () => markers.count)
    if (answer.errorCode !== ErrorCode.NONE) return refuse(answer.errorCode)
    return await coordinator.commitInTransaction(request, context, answer.isStillOpen)
  } finally {
    markers.end()
  }
}

/** What the coordinator of transactions said, in the words of this API (transactions.md §8). */
function toldBy(errorCode: number, apiVersion: number): number {
  switch (errorCode) {
    case ErrorCode.TRANSACTION_ABORTABLE:
      return apiVersion < firstWithAbortable ? ErrorCode.INVALID_TXN_STATE : errorCode
    case ErrorCode.PRODUCER_FENCED:
      return ErrorCode.INVALID_PRODUCER_EPOCH
    case ErrorCode.CONCURRENT_TRANSACTIONS:
      return apiVersion < addsSince ? ErrorCode.COORDINATOR_NOT_AVAILABLE : errorCode
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
      return apiVersion < firstWithLoading ? ErrorCode.COORDINATOR_NOT_AVAILABLE : errorCode
    default:
      return errorCode
  }
}

type FaultOf = (topic: { name: string }, partition: { partitionIndex: number }) => number

function faults(catalog: Catalog, context: RequestContext): FaultOf {
  return ({ name }, { partitionIndex }) => {
    const denied = denial(context, 'READ', 'TOPIC', name)
    if (denied !== ErrorCode.NONE) return denied
    const exists = partitionIndex >= 0 && partitionIndex < (catalog.topic(name)?.partitionCount ?? 0)
    return exists ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  }
}

/** The group answers the topics it was given in their order; what it was not given stands behind the others of its topic. */
function merged(asked: readonly CommitTopic[], answered: readonly AnsweredTopic[], faultOf: FaultOf): AnsweredTopic[] {
  const given = answered[Symbol.iterator]()
  return asked.map((topic) => {
    const judged = topic.partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      errorCode: faultOf(topic, { partitionIndex }),
    }))
    const missing = judged.filter(({ errorCode }) => errorCode !== ErrorCode.NONE)
    const isAnswered = missing.length < judged.length
    const stored = isAnswered ? (given.next().value?.partitions ?? []) : []
    return { name: topic.name, partitions: [...stored, ...missing] }
  })
}
