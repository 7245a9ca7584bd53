// Hot path: `append` runs for every record, with no promise and no closure; a record costs an object and its copy into
// the batch.
import { partitionForKey, type RecordToWrite } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import { invalid } from '../options.js'
import { PartitionQueue } from './partition-queue.js'
import { ProducerBatch } from './producer-batch.js'
import type { ProducerSettings } from './producer-options.js'
import { type ProducerRecord, toBuffer, toHeaders } from './record.js'
import { type PartitionLoad, StickyPartition } from './sticky-partition.js'
import { WaitingLine } from './waiting-line.js'

/** A topic that is produced to. */
export interface ProducerTopic {
  readonly name: string
  /** 0 while the topic is not known. */
  partitionCount: number
  readonly queues: PartitionQueue[]
  readonly sticky: StickyPartition
  /** Who waits for the topic to be known, or for room. */
  readonly line: WaitingLine
}

export interface AccumulatorEvents {
  /** The queue has a batch that may be sent. */
  ready: (queue: PartitionQueue) => void
  /** A batch was begun that waits for others to join it. */
  begun: (queue: PartitionQueue) => void
  /** There is one more batch that is neither acknowledged nor failed; there is one less. */
  outstands: () => void
  ended: () => void
  hasLeader: (topic: string, partition: number) => boolean
}

/** Gathers records into a batch for each partition, within the memory that is allowed. */
export class Accumulator {
  readonly topics = new Map<string, ProducerTopic>()
  /** Batches that are neither acknowledged nor failed. */
  readonly outstanding = new Set<ProducerBatch>()
  readonly #settings: ProducerSettings
  readonly #runtime: Runtime
  readonly #events: AccumulatorEvents
  #buffered = 0
  /** Reused for each record. */
  readonly #record: RecordToWrite & { key: Buffer | null; timestamp: number } = { key: null, timestamp: 0 }

  constructor(settings: ProducerSettings, runtime: Runtime, events: AccumulatorEvents) {
    this.#settings = settings
    this.#runtime = runtime
    this.#events = events
  }

  /** Bytes of records that are not settled yet. */
  get buffered(): number {
    return this.#buffered
  }

  get hasRoom(): boolean {
    return this.#buffered < this.#settings.bufferMemory
  }

  topic(name: string): ProducerTopic {
    const known = this.topics.get(name)
    if (known) return known
    const sticky = new StickyPartition(this.#runtime.random, this.#settings.batchSize)
    const topic = { name, partitionCount: 0, queues: [], sticky, line: new WaitingLine(this.#runtime.clock) }
    this.topics.set(name, topic)
    return topic
  }

  /** Takes a record into the batch of its partition, and returns that batch. The topic must be known. */
  append(topic: ProducerTopic, record: ProducerRecord, now: number): ProducerBatch {
    const toWrite = this.#record
    toWrite.key = toBuffer(record.key)
    toWrite.value = record.value
    toWrite.headers = toHeaders(record.headers)
    toWrite.timestamp = record.timestamp ?? now
    const isSpread = toWrite.key === null && record.partition === undefined && !this.#settings.partitioner
    const partition = isSpread ? this.#spread(topic) : this.#partitionOf(topic, record, toWrite.key)
    let queue = topic.queues[partition] ?? this.#addQueue(topic, partition)
    let batch = queue.open
    if (batch && !batch.hasRoom(toWrite, this.#settings.batchSize)) {
      queue.seal()
      this.#events.ready(queue)
      if (isSpread && topic.sticky.isWorn) queue = this.#nextQueue(topic)
      batch = queue.open
    }
    batch ??= this.#begin(queue)
    const before = batch.size
    batch.append(toWrite)
    const bytes = batch.size - before
    this.#buffered += bytes
    if (isSpread) topic.sticky.wrote(bytes)
    return batch
  }

  /** The batch is acknowledged or failed: its memory is free. False: that was known. */
  settled(batch: ProducerBatch): boolean {
    if (!this.outstanding.delete(batch)) return false
    this.#buffered -= batch.size
    this.#events.ended()
    return true
  }

  /** Batches that another one was split into. */
  adopt(parts: readonly ProducerBatch[]): void {
    for (const part of parts) this.#outstands(part)
  }

  *queues(): Iterable<PartitionQueue> {
    for (const topic of this.topics.values()) for (const queue of topic.queues) if (queue) yield queue
  }

  #partitionOf(topic: ProducerTopic, record: ProducerRecord, key: Buffer | null): number {
    const { partitioner } = this.#settings
    const { partitionCount } = topic
    const partition =
      record.partition ?? partitioner?.(record, key, partitionCount) ?? partitionForKey(key!, partitionCount)
    if (Number.isInteger(partition) && partition >= 0 && partition < partitionCount) return partition
    throw invalid(`Topic ${topic.name} has no partition ${partition}: it has ${partitionCount}.`)
  }

  #spread(topic: ProducerTopic): number {
    const { partition } = topic.sticky
    return partition >= 0 && partition < topic.partitionCount ? partition : this.#choose(topic)
  }

  #nextQueue(topic: ProducerTopic): PartitionQueue {
    const partition = this.#choose(topic)
    return topic.queues[partition] ?? this.#addQueue(topic, partition)
  }

  #choose(topic: ProducerTopic): number {
    const all = Array.from({ length: topic.partitionCount }, (_, partition) => partition)
    const led = all.filter((partition) => this.#events.hasLeader(topic.name, partition))
    const loads = (led.length > 0 ? led : all).map((partition): PartitionLoad => {
      return { partition, waiting: topic.queues[partition]?.waiting ?? 0 }
    })
    return topic.sticky.choose(loads)
  }

  #addQueue(topic: ProducerTopic, partition: number): PartitionQueue {
    const queue = new PartitionQueue(topic.name, partition)
    topic.queues[partition] = queue
    return queue
  }

  #begin(queue: PartitionQueue): ProducerBatch {
    const initialBytes = queue.usualSize + (queue.usualSize >> 3) + 64
    const batch = new ProducerBatch(queue.topic, queue.partition, this.#runtime.clock.monotonic(), initialBytes)
    queue.open = batch
    this.#outstands(batch)
    this.#events.begun(queue)
    return batch
  }

  #outstands(batch: ProducerBatch): void {
    this.outstanding.add(batch)
    this.#buffered += batch.size
    this.#events.outstands()
  }
}
