/**
 * What a storage engine does, and all it does: it stores and returns batches and small named documents.
 * Offsets, idempotence, retention and compaction are rules, written once in log/ on top of this.
 * Engines: files/ (local files), memory/. Later ones are shared by brokers, therefore appends are conditional.
 */
export interface Storage {
  /** Opens or makes the store of one partition. `term` rises with every leadership; a store with a higher one refuses. */
  openPartition(partition: PartitionKey, term: number): Promise<PartitionStore>
  removePartition(partition: PartitionKey): Promise<void>
  listPartitions(): Promise<PartitionKey[]>
  /** Small documents by name (catalog, configs, ids): replaced as a whole, durable when `write` resolves. */
  readDocument(name: string): Promise<Buffer | undefined>
  writeDocument(name: string, content: Uint8Array): Promise<void>
  close(): Promise<void>
}

export interface PartitionKey {
  topic: string
  topicId: string
  partition: number
}

/**
 * Stored batches of one partition. This interface belongs to log/ and storage/ alone: the owner of those rooms
 * completes it (append with group commit, read, timestamp look-up, truncation of the head, rewriting, loading).
 */
export interface PartitionStore {
  readonly partition: PartitionKey
  close(): Promise<void>
}
