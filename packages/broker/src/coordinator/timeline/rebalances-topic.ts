import { BATCH_HEADER_SIZE, BatchBuilder, partitionForGroup, readRecords } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { Catalog } from '../../catalog/catalog.js'
import { rebalancesTopic } from '../../catalog/topic-name.js'
import type { BrokerConfig } from '../../config/broker-config.js'
import type { StoryPartitions } from './story-partitions.js'

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
  readonly partitions: StoryPartitions
  readonly log: Logger
}

export interface Reading {
  readonly most: number
  readonly where: 'here' | 'anywhere'
  take(groupId: string, value: Buffer): void
}

const segmentBytes = 4 * 1024 * 1024
/** If the disk does not follow, stories are only in memory. */
const mostWaiting = 10_000
const mostBytesAtOnce = 500_000
const bytesAroundRecord = 20
/** For so long a story waits for a partition to have a leader; it is tried so often. */
const patienceMs = 10_000
const retryMs = 100

/**
 * The topic `__rivven_rebalances`: stories in it outlive the broker, and whoever speaks Kafka can read them. Made with the
 * first story. Nobody waits for it: what cannot be written is told in the log, and is missing after the next start.
 */
export class RebalancesTopic {
  readonly #options: RebalancesTopicOptions
  #waiting: StoredStory[] = []
  /** Nobody waits for a leader any more. */
  #isEnding = false
  #writing: Promise<void> | undefined

  constructor(options: RebalancesTopicOptions) {
    this.#options = options
  }

  /** Somebody may have written what was not read here. */
  get mayHaveNews(): boolean {
    const { partitions } = this.#options
    for (let partition = 0; partition < partitions.count; partition++) {
      if (partitions.mayHaveNews(partition)) return true
    }
    return false
  }

  /**
   * Gives the newest stories that were not given yet, at most so many of each partition; those of a group in their order. Resolves to
   * true when those of all partitions are, to false where a leader is missing or cannot be asked.
   */
  async readOn({ most, where, take }: Reading): Promise<boolean> {
    const { partitions, log } = this.#options
    let isAll = true
    for (let partition = 0; partition < partitions.count; partition++) {
      if (where === 'here' && !partitions.isHere(partition)) continue
      try {
        const read = await partitions.read(partition, most, (batch) => takeBatch(batch, take))
        if (read === 'later') isAll = false
      } catch (error) {
        log.warn({ error, partition }, `${rebalancesTopic} cannot be read: rebalances of earlier days are not shown`)
      }
    }
    return isAll
  }

  write(story: StoredStory): void {
    if (this.#waiting.length === mostWaiting) return
    this.#waiting.push(story)
    this.#writing ??= this.#writeAll()
  }

  /** Resolves when nothing is left to write; from now on nobody waits for a leader. */
  async settled(): Promise<void> {
    this.#isEnding = true
    await this.#writing
  }

  /** What is not written yet never will be. */
  abandon(): void {
    this.#waiting = []
    this.#isEnding = true
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
    const count = await this.#partitionCount()
    for (const [partition, some] of byPartition(stories, count)) {
      for (const batch of batches(some)) await this.#append(partition, encode(batch))
    }
  }

  /** When a broker is gone its partition has no leader for a moment: then there is most to tell. */
  async #append(partition: number, batch: Buffer): Promise<void> {
    const { partitions, runtime } = this.#options
    const { clock } = runtime
    const end = clock.monotonic() + patienceMs
    while ((await partitions.append(partition, batch)) === 'later') {
      if (this.#isEnding || clock.monotonic() >= end) throw new Error(`${rebalancesTopic}-${partition} has no leader.`)
      await new Promise<void>((resolve) => clock.setTimer(retryMs, resolve))
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
