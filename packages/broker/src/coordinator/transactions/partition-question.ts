import type { TransactionalWriter } from './transaction-coordinator.js'

/** What the leader of a partition asks the coordinator of a transaction. */
export interface PartitionQuestion extends TransactionalWriter {
  readonly topic: string
  readonly partition: number
  /** The partition must be in the transaction already; else it is put there. */
  readonly verifyOnly: boolean
}
