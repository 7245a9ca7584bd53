import {
  type AddOffsetsToTxnResponse,
  type DescribeTransactionsResponse,
  type EndTxnResponse,
  ErrorCode,
  type InitProducerIdResponse,
} from '@rivven/protocol'
import type { AddPartitions, AddPartitionsResult } from './decision.js'

/** PRODUCER_FENCED is told from a version on (4 of InitProducerId, 2 elsewhere); earlier ones know INVALID_PRODUCER_EPOCH. */
export function fencedCode(apiVersion: number, toldSince: number): number {
  return apiVersion < toldSince ? ErrorCode.INVALID_PRODUCER_EPOCH : ErrorCode.PRODUCER_FENCED
}

export function initProducerIdRefusal(errorCode: number, apiVersion: number): InitProducerIdResponse {
  const told = errorCode === ErrorCode.PRODUCER_FENCED ? fencedCode(apiVersion, 4) : errorCode
  return { throttleTimeMs: 0, errorCode: told, producerId: -1, producerEpoch: -1 }
}

/** AddPartitionsToTxn has its errors at each partition. */
export function addPartitionsRefusal(request: AddPartitions, errorCode: number): AddPartitionsResult {
  return resultsOf(request, () => errorCode)
}

/**
 * The answer where a partition may not be added (unknown, or not allowed): nothing is added, and the others are told that
 * nobody tried. Null: all may be.
 */
export function unaddableResult(
  request: AddPartitions,
  codeOf: (topic: string, partition: number) => number,
): AddPartitionsResult | null {
  const isAddable = request.topics.every(({ name, partitions }) =>
    partitions.every((partition) => codeOf(name, partition) === ErrorCode.NONE),
  )
  if (isAddable) return null
  return resultsOf(request, (topic, partition) => codeOf(topic, partition) || ErrorCode.OPERATION_NOT_ATTEMPTED)
}

export function resultsOf(
  { transactionalId, topics }: AddPartitions,
  codeOf: (topic: string, partition: number) => number,
): AddPartitionsResult {
  const topicResults = topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => ({
      partitionIndex,
      partitionErrorCode: codeOf(name, partitionIndex),
    })),
  }))
  return { transactionalId, topicResults }
}

export function addOffsetsAnswer(errorCode: number): AddOffsetsToTxnResponse {
  return { throttleTimeMs: 0, errorCode }
}

export function endTxnRefusal(errorCode: number): EndTxnResponse {
  return { throttleTimeMs: 0, errorCode, producerId: -1, producerEpoch: -1 }
}

export type DescribedTransaction = DescribeTransactionsResponse['transactionStates'][number]

export function describeRefusal(transactionalId: string, errorCode: number): DescribedTransaction {
  return {
    errorCode,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0,
    producerId: 0,
    producerEpoch: 0,
    topics: [],
  }
}

/**
 * What a producer is told when the record behind its answer could not be appended (transactions.md §4.4): errors that pass
 * become COORDINATOR_NOT_AVAILABLE, a lost partition NOT_COORDINATOR, a record that is too large UNKNOWN_SERVER_ERROR.
 */
export function transactionAppendError(errorCode: number): number {
  switch (errorCode) {
    case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
    case ErrorCode.NOT_ENOUGH_REPLICAS:
    case ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case ErrorCode.REQUEST_TIMED_OUT:
      return ErrorCode.COORDINATOR_NOT_AVAILABLE
    case ErrorCode.NOT_LEADER_OR_FOLLOWER:
    case ErrorCode.KAFKA_STORAGE_ERROR:
      return ErrorCode.NOT_COORDINATOR
    case ErrorCode.MESSAGE_TOO_LARGE:
    case ErrorCode.RECORD_LIST_TOO_LARGE:
      return ErrorCode.UNKNOWN_SERVER_ERROR
    default:
      return errorCode
  }
}
