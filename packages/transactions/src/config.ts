/** The broker settings that rule transactions, under Kafka's defaults. Times are in milliseconds. */
export interface TransactionConfig {
  /** transaction.max.timeout.ms: a producer may not ask for more. */
  readonly maxTimeoutMs: number
  /** transactional.id.expiration.ms: how long an id that does nothing is remembered. */
  readonly idExpirationMs: number
  /**
   * The finalized feature `transaction.version`: from 1 on records are written in the flexible format, with 2 the aborts
   * that the coordinator begins of itself follow KIP-890. What clients may do goes by the versions of their requests.
   */
  readonly transactionVersion: TransactionVersion
}

/** 0: the classic protocol; 1: the same, with flexible records; 2: each transaction has an epoch of its own (KIP-890). */
export type TransactionVersion = 0 | 1 | 2

export const defaultTransactionConfig: TransactionConfig = {
  maxTimeoutMs: 900_000,
  idExpirationMs: 7 * 24 * 60 * 60 * 1_000,
  transactionVersion: 2,
}
