import { RivvenError, retry } from '@rivven/link'
import type { Cluster } from '../../net/cluster.js'
import { partitionKey, partitionsText, type TopicPartition } from '../../topic-partition.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import {
  earliestTimestamp,
  type FoundOffset,
  latestTimestamp,
  listOffsets,
  type OffsetQuestion,
} from './ask-leaders.js'

export interface PartitionOffset extends TopicPartition {
  offset: number
}

export interface OffsetForTime extends TopicPartition {
  /** -1: no record is that young. */
  offset: number
  /** Of the record found; -1 for none. */
  timestamp: number
  leaderEpoch: number
}

/** Answers what is asked about offsets of any partition, assigned or not. Each question is asked until it is answered. */
export class OffsetQueries {
  readonly #cluster: Cluster
  readonly #settings: ConsumerSettings

  constructor(cluster: Cluster, settings: ConsumerSettings) {
    this.#cluster = cluster
    this.#settings = settings
  }

  beginnings(partitions: readonly TopicPartition[]): Promise<PartitionOffset[]> {
    return this.#at(partitions, earliestTimestamp)
  }

  /** The high watermark, or with read_committed the last stable offset. */
  ends(partitions: readonly TopicPartition[]): Promise<PartitionOffset[]> {
    return this.#at(partitions, latestTimestamp)
  }

  async forTimes(questions: readonly OffsetQuestion[]): Promise<OffsetForTime[]> {
    const found = await this.#ask(questions)
    return questions.map(({ topic, partition }, index) => {
      const { offset, timestamp, leaderEpoch } = found[index]!
      return { topic, partition, offset, timestamp, leaderEpoch }
    })
  }

  async #at(partitions: readonly TopicPartition[], timestamp: number): Promise<PartitionOffset[]> {
    const found = await this.#ask(partitions.map(({ topic, partition }) => ({ topic, partition, timestamp })))
    return partitions.map(({ topic, partition }, index) => ({ topic, partition, offset: found[index]!.offset }))
  }

  async #ask(questions: readonly OffsetQuestion[]): Promise<FoundOffset[]> {
    if (questions.length === 0) return []
    const { clock, random } = this.#cluster.runtime
    const { retryBackoffMs: backoffMs, maxRetryBackoffMs: maxBackoffMs, closeSignal: signal } = this.#cluster
    const what = `Asking for offsets of ${partitionsText(questions)}`
    const { apiTimeoutMs: timeoutMs } = this.#settings
    return retry({ clock, random, what, timeoutMs, backoffMs, maxBackoffMs, signal }, () => this.#askOnce(questions))
  }

  async #askOnce(questions: readonly OffsetQuestion[]): Promise<FoundOffset[]> {
    const { isolationLevel, allowAutoCreate } = this.#settings
    await this.#cluster.metadata([...new Set(questions.map(({ topic }) => topic))], { allowAutoCreate })
    const answers = await listOffsets(this.#cluster, questions, isolationLevel)
    const errors = [...answers.values()].filter((answer) => answer instanceof RivvenError)
    const worst = errors.find(({ retriable }) => !retriable) ?? errors[0]
    if (worst) {
      if (worst.retriable) await this.#cluster.refresh()
      throw worst
    }
    return questions.map(({ topic, partition }) => answers.get(partitionKey(topic, partition)) as FoundOffset)
  }
}
