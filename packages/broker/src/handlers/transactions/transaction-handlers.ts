import type { Handler } from '../handler.js'
import { handleAddOffsetsToTxn } from './add-offsets-to-txn.js'
import { handleAddPartitionsToTxn } from './add-partitions-to-txn.js'
import { handleDescribeProducers } from './describe-producers.js'
import { handleDescribeTransactions } from './describe-transactions.js'
import { handleEndTxn } from './end-txn.js'
import { handleListTransactions } from './list-transactions.js'
import { handleTxnOffsetCommit } from './txn-offset-commit.js'
import { handleWriteTxnMarkers } from './write-txn-markers.js'

/** Everything that belongs to transactions alone. */
export const transactionHandlers: readonly Handler[] = [
  handleAddPartitionsToTxn,
  handleAddOffsetsToTxn,
  handleEndTxn,
  handleTxnOffsetCommit,
  handleWriteTxnMarkers,
  handleDescribeProducers,
  handleDescribeTransactions,
  handleListTransactions,
]
