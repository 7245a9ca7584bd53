// Transactional ids: state, and the commands on it
export { type AddOffsets, addOffsets, addPartitions } from './add-partitions.js'
export { defaultTransactionConfig, type TransactionConfig, type TransactionVersion } from './config.js'
export type {
  AddPartitions,
  AddPartitionsResult,
  Call,
  Decision,
  Now,
  Reply,
  RequestContext,
  Ticket,
  TransactionResponse,
  WriteMarkers,
} from './decision.js'
export {
  type DescribedTransaction,
  describeTransaction,
  type ListedTransaction,
  listTransactions,
  readFilters,
  type TransactionFilters,
} from './describe.js'
export { endTransaction } from './end-transaction.js'
// Events and their records
export type { TransactionEvent } from './events.js'
export { initProducerId } from './init-producer-id.js'
export { expireTransactionalIds, loaded, tick, unload } from './lifecycle.js'
export { markersWritten, type WrittenMarkers } from './markers.js'
export { compilePattern, type Pattern } from './pattern.js'
export { decodeEvent, type EncodedRecord, encodeEvent } from './records.js'
export {
  addOffsetsAnswer,
  addPartitionsRefusal,
  describeRefusal,
  endTxnRefusal,
  initProducerIdRefusal,
  unaddableResult,
} from './refusals.js'
export { replay } from './replay.js'
export { createShard, deadlineOf, type ShardOptions, type TransactionShard } from './shard.js'
export { isPrepared, type TopicPartitions, type Transaction, type TransactionState } from './transaction.js'
