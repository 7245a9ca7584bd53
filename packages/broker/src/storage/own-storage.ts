import type { DiskSpace } from '@rivven/runtime'
import type { PartitionKey, Storage } from './storage.js'

/** Small documents by name (catalog, users, ids). */
export interface Documents {
  /** @throws StoredDataError when what is stored of it is damaged */
  readDocument(name: string): Promise<Buffer | undefined>
  /** Replaces it as a whole; durable when it resolves. */
  writeDocument(name: string, content: Uint8Array): Promise<void>
}

/** A storage that one broker has for itself: all that there is to know lies in it. */
export interface OwnStorage extends Storage, Documents {
  /** Where the engine has to shorten a topic's name, the key has the short one; it serves to remove the partition. */
  listPartitions(): Promise<PartitionKey[]>
  /** Takes away a partition that nobody knows; its data are kept where a person can find them, and a notice says where. */
  setAsidePartition(partition: PartitionKey): Promise<void>
  /** How much room there is; absent, or undefined, where nobody knows. */
  space?(): Promise<DiskSpace | undefined>
}
