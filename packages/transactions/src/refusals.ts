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
