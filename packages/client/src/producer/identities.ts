import type { RivvenError } from '@rivven/link'
import type { PartitionQueue, ProducerIdentity } from './partition-queue.js'
import type { ProducerBatch } from './producer-batch.js'

/** Under which producer id batches leave, and which of them may leave now. */
export interface Identities {
  /** null outside of transactions. */
  readonly transactionalId: string | null
  /** The newest version of Produce that may be used now. */
  readonly maxProduceVersion: number
  /** The identity if there is one and it is not `exhausted`; with null nothing leaves for now. */
  current(exhausted?: number): ProducerIdentity | null
  /** Whether batches of this partition may leave; if not, the queue is woken when they may. */
  admits(queue: PartitionQueue): boolean
  /** A batch failed for good. */
  failed(batch: ProducerBatch, error: RivvenError): void
}
