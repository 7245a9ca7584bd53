import { asRivvenError, type RivvenError } from '@rivven/link'
import type { Runtime } from '@rivven/runtime'
import { clientClosed } from '../net/broker-links.js'
import type { ClusterImage } from '../net/cluster-image.js'
import type { OpenCalls } from '../net/open-calls.js'
import type { Accumulator, ProducerTopic } from './accumulator.js'
import { addToPortion, rangesOf, recordAt } from './delivery.js'
import type { Portion } from './producer-batch.js'
import type { AppendedRange, ProducerRecord, RecordMetadata } from './record.js'
import { checkRecord, checkRecords } from './record-check.js'
import type { TopicLookups } from './topic-lookups.js'

export interface IntakeParts {
  runtime: Runtime
  calls: OpenCalls
  accumulator: Accumulator
  lookups: Pick<TopicLookups, 'begin'>
  maxBlockMs: number
  /** Somebody stands in line. */
  waits: () => void
}

/** Takes records from callers into batches. Who has to wait, for the topic or for room, stands in the topic's line. */
export class Intake {
  readonly #parts: IntakeParts
  readonly #accumulator: Accumulator
  #isClosed = false

  constructor(parts: IntakeParts) {
    this.#parts = parts
    this.#accumulator = parts.accumulator
  }

  get isEmpty(): boolean {
    for (const { line } of this.#accumulator.topics.values()) if (!line.isEmpty) return false
    return true
  }

  send(record: ProducerRecord): Promise<RecordMetadata> {
    try {
      checkRecord(record)
      const topic = this.#accumulator.topic(record.topic)
      if (this.#mayAppend(topic, null)) return this.#append(topic, record)
      return this.#sendLater(topic, { ...record })
    } catch (error) {
      return Promise.reject(asRivvenError(error, 'Sending a record'))
    }
  }

  async sendMany(records: readonly ProducerRecord[]): Promise<AppendedRange[]> {
    try {
      checkRecords(records)
      return await this.#takeAll(records)
    } catch (error) {
      throw asRivvenError(error, 'Sending records')
    }
  }

  /** Resolves when all that wait now have been taken or have failed. */
  async served(): Promise<void> {
    await Promise.all([...this.#accumulator.topics.values()].map(({ line }) => line.served()))
  }

  /** There may be room again. */
  advance(): void {
    if (!this.#accumulator.hasRoom) return
    for (const { line } of this.#accumulator.topics.values()) if (!line.isEmpty) line.advance()
  }

  takePartitions(image: ClusterImage): void {
    for (const topic of this.#accumulator.topics.values()) {
      const count = image.topics.get(topic.name)?.partitions.length ?? 0
      if (count === 0 || count === topic.partitionCount) continue
      topic.partitionCount = count
      topic.line.advance()
    }
  }

  /** Fails those that have waited too long. */
  expire(now: number, error: (topic: ProducerTopic) => RivvenError): void {
    for (const topic of this.#accumulator.topics.values()) topic.line.expire(now, () => error(topic))
  }

  failAll(error: RivvenError): void {
    for (const { line } of this.#accumulator.topics.values()) line.failAll(error)
  }

  /** Takes nothing more; those in line keep their turn. */
  close(): void {
    this.#isClosed = true
  }

  async #takeAll(records: readonly ProducerRecord[]): Promise<AppendedRange[]> {
    const portions: Portion[] = []
    let next = 0
    const advance = (inLineOf: ProducerTopic | null): ProducerTopic | null => {
      const now = this.#parts.runtime.clock.now()
      for (; next < records.length; next++) {
        const record = records[next]!
        const topic = this.#accumulator.topic(record.topic)
        if (!this.#mayAppend(topic, inLineOf)) return topic
        addToPortion(portions, this.#accumulator.append(topic, record, now))
      }
      return null
    }
    for (let blocked = advance(null); blocked !== null; blocked = advance(null)) {
      const topic = blocked
      // All new topics at once: one after the other, each would cost a round trip or two.
      if (topic.partitionCount === 0) this.#lookUpAll(records, next)
      await this.#waitInLine(topic, () => advance(topic) !== topic)
    }
    const ends = await Promise.allSettled(portions.map(rangesOf))
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed) throw failed.reason
    return ends.flatMap((end) => (end.status === 'fulfilled' ? end.value : []))
  }

  #mayAppend(topic: ProducerTopic, inLineOf: ProducerTopic | null): boolean {
    if (this.#isClosed && inLineOf === null) throw clientClosed()
    return topic.partitionCount > 0 && this.#accumulator.hasRoom && (topic === inLineOf || topic.line.isEmpty)
  }

  #append(topic: ProducerTopic, record: ProducerRecord): Promise<RecordMetadata> {
    const now = record.timestamp ?? this.#parts.runtime.clock.now()
    const batch = this.#accumulator.append(topic, record, now)
    return recordAt(batch, batch.count - 1, now)
  }

  async #sendLater(topic: ProducerTopic, record: ProducerRecord): Promise<RecordMetadata> {
    let sent: Promise<RecordMetadata> | null = null
    await this.#waitInLine(topic, () => {
      if (!this.#mayAppend(topic, topic)) return false
      sent = this.#append(topic, record)
      return true
    })
    return sent!
  }

  #waitInLine(topic: ProducerTopic, step: () => boolean): Promise<void> {
    const { calls, maxBlockMs, lookups, waits } = this.#parts
    const turn = calls.during(() => topic.line.join(step, maxBlockMs))
    if (topic.partitionCount === 0) lookups.begin(topic)
    waits()
    return turn
  }

  #lookUpAll(records: readonly ProducerRecord[], from: number): void {
    for (let at = from; at < records.length; at++) {
      const topic = this.#accumulator.topic(records[at]!.topic)
      if (topic.partitionCount === 0) this.#parts.lookups.begin(topic)
    }
  }
}
