import { BATCH_HEADER_SIZE, BatchBuilder, ErrorCode, partitionForGroup, readRecords } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { Catalog } from '../../catalog/catalog.js'
import { rebalancesTopic } from '../../catalog/topic-name.js'
import type { BrokerConfig } from '../../config/broker-config.js'
import { eachSoundBatch } from '../../log/each-sound-batch.js'
import type { Logs } from '../../log/logs.js'
import type { PartitionLog } from '../../log/partition-log.js'

/** One story as a record: key group id, value JSON, timestamp its end. */
export interface StoredStory {
  readonly groupId: string
  readonly value: Buffer
  /** Wall milliseconds. */
  readonly endedAt: number
}

export interface RebalancesTopicOptions {
  readonly runtime: Runtime
  readonly config: BrokerConfig
  readonly catalog: Catalog
  readonly logs: Logs
  readonly log: Logger
}

const segmentBytes = 4 * 1024 * 1024
/** If the disk does not follow, stories are only in memory. */
const mostWaiting = 10_000
const mostBytesAtOnce = 500_000
const bytesAroundRecord = 20

/**
 * The topic `__rivven_rebalances`: stories in it outlive the broker, and whoever speaks Kafka can read them. Made with the
 * first story. Nobody waits for it: what cannot be written is told in the log, and is missing after the next start.
 */
export class RebalancesTopic {
  readonly #options: RebalancesTopicOptions
  #waiting: StoredStory[] = []
  #writing: Promise<void> | undefined

  constructor(options: RebalancesTopicOptions) {
    this.#options = options
  }

  /** Gives the newest stories, at most so many of each partition; those of a group in their order. */
  async readTail(most: number, take: (groupId: string, value: Buffer) => void): Promise<void> {
    const { catalog, logs, log, runtime } = this.#options
    const count = catalog.topic(rebalancesTopic)?.partitionCount ?? 0
    const visit = (batch: Buffer) => takeBatch(batch, take)
    for (let partition = 0; partition < count; partition++) {
      const partitionLog = logs.get(rebalancesTopic, partition)
      try {
        if (partitionLog)
          await eachSoundBatch(partitionLog, { ...tailOf(partitionLog, most), clock: runtime.clock, visit })
      } catch (error) {
        log.warn({ error, partition }, `${rebalancesTopic} cannot be read: rebalances of earlier days are not shown`)
      }
    }
  }

  write(story: StoredStory): void {
    if (this.#waiting.length === mostWaiting) return
    this.#waiting.push(story)
    this.#writing ??= this.#writeAll()
  }

  /** Resolves when nothing is left to write. */
  async settled(): Promise<void> {
    await this.#writing
  }

  /** What is not written yet never will be. */
  abandon(): void {
    this.#waiting = []
  }

  async #writeAll(): Promise<void> {
    try {
      // One turn later, so that the stories of a moment share an append.
      await Promise.resolve()
      while (this.#waiting.length > 0) await this.#writeSome(this.#waiting.splice(0))
    } catch (error) {
      this.#options.log.warn({ error }, `${rebalancesTopic} cannot be written: rebalances are kept in memory only`)
    } finally {
      this.#writing = undefined
    }
  }

  async #writeSome(stories: readonly StoredStory[]): Promise<void> {
    const { logs } = this.#options
    const count = await this.#partitionCount()
    for (const [partition, some] of byPartition(stories, count)) {
      const log = logs.get(rebalancesTopic, partition)
      if (!log) throw new Error(`${rebalancesTopic}-${partition} has no log.`)
      for (const batch of batches(some)) {
        const { errorCode, errorMessage } = await log.append(encode(batch), { acks: 1, origin: 'coordinator' })
        if (errorCode !== ErrorCode.NONE) throw new Error(errorMessage ?? `error ${errorCode}`)
      }
    }
  }

  async #partitionCount(): Promise<number> {
    const { catalog, config } = this.#options
    const topic =
      catalog.topic(rebalancesTopic) ??
      (await catalog.createTopic(rebalancesTopic, config.group_timeline_topic_num_partitions, topicConfigs(config)))
    return topic.partitionCount
  }
}

function topicConfigs(config: BrokerConfig): Map<string, string> {
  return new Map([
    ['cleanup.policy', 'delete'],
    ['compression.type', 'producer'],
    ['retention.ms', String(config.group_timeline_topic_retention_ms)],
    ['retention.bytes', String(config.group_timeline_topic_retention_bytes)],
    ['segment.bytes', String(segmentBytes)],
  ])
}

/** A story that is damaged is told by nobody; whoever reads the topic gets the error. */
function tailOf({ logEndOffset: endOffset, logStartOffset }: PartitionLog, most: number) {
  return { fromOffset: Math.max(logStartOffset, endOffset - most), endOffset, damaged: () => undefined }
}

function takeBatch(batch: Buffer, take: (groupId: string, value: Buffer) => void): void {
  const reader = readRecords(batch)
  for (let record = reader.read(); record !== undefined; record = reader.read()) {
    const { key, value } = record
    // Copied: a story must not keep the megabyte alive that it was read with.
    if (key && value) take(key.toString(), Buffer.from(value))
  }
}

function byPartition(stories: readonly StoredStory[], count: number): Map<number, StoredStory[]> {
  const parts = new Map<number, StoredStory[]>()
  for (const story of stories) {
    const partition = partitionForGroup(story.groupId, count)
    const part = parts.get(partition) ?? []
    parts.set(partition, part)
    part.push(story)
  }
  return parts
}

/** Parts that fit into the largest batch; one story at least. */
function* batches(stories: readonly StoredStory[]): Iterable<readonly StoredStory[]> {
  let batch: StoredStory[] = []
  let bytes = 0
  for (const story of stories) {
    if (batch.length > 0 && bytes + story.value.length > mostBytesAtOnce) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(story)
    bytes += story.value.length
  }
  yield batch
}

function encode(stories: readonly StoredStory[]): Buffer {
  const records = stories.map(({ groupId, value, endedAt }) => ({
    key: Buffer.from(groupId),
    value,
    timestamp: endedAt,
  }))
  let initialBytes = BATCH_HEADER_SIZE
  for (const { key, value } of records) initialBytes += key.length + value.length + bytesAroundRecord
  const builder = new BatchBuilder({ baseTimestamp: records[0]?.timestamp ?? 0, initialBytes })
  for (const record of records) builder.append(record)
  return builder.build()
}
