import type {
  BrokerRow,
  ChunkRow,
  DocumentRow,
  ImageChanges,
  Keep,
  PartitionRow,
  TopicRow,
} from '../../../database/metadata.js'

/** What is in the answer of a statement, or in that of `changesSince`. */
export type RowChanges = Partial<Pick<ImageChanges, 'brokers' | 'topics' | 'partitions' | 'documents' | 'chunks'>>

/** What a merge has changed. */
export interface ChangedRows {
  readonly brokers: boolean
  /** Ids. */
  readonly topics: ReadonlySet<string>
  readonly documents: ReadonlySet<string>
}

/** The newest rows of the metadata that this broker has met. */
export class ImageRows {
  /** Those that are here. */
  readonly brokers = new Map<number, BrokerRow>()
  /** By id; deleted ones are not in it. */
  readonly topics = new Map<string, TopicRow>()
  readonly documents = new Map<string, DocumentRow>()
  readonly chunks = new Map<number, ChunkRow>()
  readonly #partitions = new Map<string, PartitionRow[]>()
  /** Of rows that are gone: an answer that was long under way does not bring them back. */
  readonly #goneBrokers = new Map<number, number>()
  readonly #goneTopics = new Set<string>()

  /** By index. */
  partitionsOf(topicId: string): readonly PartitionRow[] {
    return this.#partitions.get(topicId) ?? []
  }

  /** Where new segments of a class go. */
  openChunk(keep: Keep): number | undefined {
    let newest: number | undefined
    for (const chunk of this.chunks.values()) {
      if (chunk.keep === keep && !chunk.isClosed && chunk.chunk > (newest ?? -1)) newest = chunk.chunk
    }
    return newest
  }

  /** Answers come in any order: a row is only replaced by one that was changed later. */
  merge({ brokers = [], topics = [], partitions = [], documents = [], chunks = [] }: RowChanges): ChangedRows {
    const changedBrokers = brokers.filter((row) => this.#mergeBroker(row))
    const changedTopics = new Set(topics.filter((row) => this.#mergeTopic(row)).map(({ topicId }) => topicId))
    for (const row of partitions) if (this.#mergePartition(row)) changedTopics.add(row.topicId)
    const changedDocuments = documents.filter((row) => isLater(row, this.documents.get(row.name)))
    for (const row of changedDocuments) this.documents.set(row.name, row)
    for (const row of chunks) if (isLater(row, this.chunks.get(row.chunk))) this.chunks.set(row.chunk, row)
    return {
      brokers: changedBrokers.length > 0,
      topics: changedTopics,
      documents: new Set(changedDocuments.map(({ name }) => name)),
    }
  }

  #mergeBroker(row: BrokerRow): boolean {
    const before = this.brokers.get(row.brokerId)
    if (!isLater(row, before) || row.changed <= (this.#goneBrokers.get(row.brokerId) ?? -1)) return false
    if (!row.isGone) {
      this.brokers.set(row.brokerId, row)
      return true
    }
    this.#goneBrokers.set(row.brokerId, row.changed)
    return this.brokers.delete(row.brokerId)
  }

  #mergeTopic(row: TopicRow): boolean {
    const before = this.topics.get(row.topicId)
    if (!isLater(row, before) || this.#goneTopics.has(row.topicId)) return false
    if (!row.isDeleted) {
      this.topics.set(row.topicId, row)
      return true
    }
    this.#goneTopics.add(row.topicId)
    this.#partitions.delete(row.topicId)
    return this.topics.delete(row.topicId)
  }

  #mergePartition(row: PartitionRow): boolean {
    if (this.#goneTopics.has(row.topicId)) return false
    const partitions = this.#partitions.get(row.topicId) ?? []
    if (!isLater(row, partitions[row.index])) return false
    partitions[row.index] = row
    this.#partitions.set(row.topicId, partitions)
    return true
  }
}

function isLater(row: { readonly changed: number }, before: { readonly changed: number } | undefined): boolean {
  return before === undefined || row.changed > before.changed
}
