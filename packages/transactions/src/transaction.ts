/** States that are stored, by Kafka's names. */
export type TransactionState =
  | 'Empty'
  | 'Ongoing'
  | 'PrepareCommit'
  | 'PrepareAbort'
  | 'CompleteCommit'
  | 'CompleteAbort'

/** Some partitions of a topic. */
export interface TopicPartitions {
  readonly topic: string
  readonly partitions: readonly number[]
}

/** All that is known of a transactional id: what one record of `__transaction_state` holds. Never changed, only replaced. */
export interface Transaction {
  readonly producerId: number
  readonly producerEpoch: number
  /** The producer id of the record before this one; -1: there is none. It tells retries across a change of producer id. */
  readonly previousProducerId: number
  /** The producer id that follows when this transaction has ended; -1: it stays. */
  readonly nextProducerId: number
  /** The epoch that the producer had before the present one, if it may ask for the present one again; else -1. */
  readonly lastProducerEpoch: number
  /** The longest a transaction may take. */
  readonly timeoutMs: number
  readonly state: TransactionState
  /** Null for an id that is Empty. */
  readonly partitions: readonly TopicPartitions[] | null
  /** Wall time at which the transaction began; -1: there is none. */
  readonly startTimestamp: number
  /** Wall time of the last change. */
  readonly lastUpdateTimestamp: number
  /** The protocol that the client used last: 0, or 2 (KIP-890). */
  readonly clientTransactionVersion: number
}

/** The last epoch that is given to a client: one is left for the marker that ends its transaction. */
export const lastEpoch = 32_766

/** No further epoch: the producer gets a new id. */
export function isExhausted({ producerEpoch }: Transaction): boolean {
  return producerEpoch >= lastEpoch
}

/** Its outcome is decided, its markers are being written. */
export function isPrepared({ state }: Transaction): boolean {
  return state === 'PrepareCommit' || state === 'PrepareAbort'
}
