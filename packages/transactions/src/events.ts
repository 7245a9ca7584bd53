import type { Transaction } from './transaction.js'

/** What can happen to the durable state of transactions: exactly one event is one record of `__transaction_state`. */
export type TransactionEvent =
  | {
      readonly kind: 'TransactionStored'
      readonly transactionalId: string
      readonly transaction: Transaction
      /** Of the record's value. 1 (flexible) holds all, 0 is written while `transaction.version` is 0. */
      readonly recordVersion: 0 | 1
    }
  | { readonly kind: 'TransactionForgotten'; readonly transactionalId: string }
