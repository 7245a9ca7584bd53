import type { Outgoing } from '@rivven/link'
import { type Codec, ErrorCode, type Produce, type ProduceResponse } from '@rivven/protocol'
import type { PartitionQueue } from './partition-queue.js'
import type { ProducerBatch } from './producer-batch.js'

/** A batch on its way, with the queue it came from. A request has one batch of a partition at most. */
export interface Parcel {
  queue: PartitionQueue
  batch: ProducerBatch
}

export type PartitionAnswer = ProduceResponse['responses'][number]['partitionResponses'][number]

/** The newest version that names topics; later ones only know their ids. */
export const maxProduceVersion = 12

export function produceRequest(
  parcels: readonly Parcel[],
  settings: { acks: number; requestTimeoutMs: number; compression: Codec },
  transactionalId: string | null,
): Outgoing<typeof Produce> {
  const topics = new Map<string, { name: string; partitionData: { index: number; records: Buffer }[] }>()
  for (const { queue, batch } of parcels) {
    let topic = topics.get(queue.topic)
    if (!topic) {
      topic = { name: queue.topic, partitionData: [] }
      topics.set(queue.topic, topic)
    }
    topic.partitionData.push({ index: queue.partition, records: batch.bytes(settings.compression) })
  }
  const { acks, requestTimeoutMs: timeoutMs } = settings
  return { transactionalId, acks, timeoutMs, topicData: [...topics.values()] }
}

/** The part of the answer that is about this parcel; undefined when the broker left it out. */
export function answerFor(answer: ProduceResponse, { queue }: Parcel): PartitionAnswer | undefined {
  for (const topic of answer.responses) {
    if (topic.name !== queue.topic) continue
    for (const partition of topic.partitionResponses) if (partition.index === queue.partition) return partition
  }
  return undefined
}

/** Errors after which the batch is surely not in the log; after any other one it may be (data-plane §8.1, §8.2). */
const refusals = new Set<number>([
  ErrorCode.CORRUPT_MESSAGE,
  ErrorCode.MESSAGE_TOO_LARGE,
  ErrorCode.INVALID_TOPIC_EXCEPTION,
  ErrorCode.RECORD_LIST_TOO_LARGE,
  ErrorCode.NOT_ENOUGH_REPLICAS,
  ErrorCode.INVALID_REQUIRED_ACKS,
  ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  ErrorCode.INVALID_TIMESTAMP,
  ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
  ErrorCode.INVALID_RECORD,
])

export function isRefusal(errorCode: number): boolean {
  return refusals.has(errorCode)
}

/** The broker refused the sequence: what came before it is missing, or it has forgotten the producer. */
export function isSequenceProblem(errorCode: number): boolean {
  return (
    errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER ||
    errorCode === ErrorCode.INVALID_PRODUCER_EPOCH ||
    errorCode === ErrorCode.UNKNOWN_PRODUCER_ID
  )
}
