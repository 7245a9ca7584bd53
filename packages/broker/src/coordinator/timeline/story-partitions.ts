import {
  batchesOf,
  batchNextOffset,
  batchRecordCount,
  contiguous,
  ErrorCode,
  Fetch,
  ListOffsets,
  Produce,
} from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import type { Catalog } from '../../catalog/catalog.js'
import { rebalancesTopic } from '../../catalog/topic-name.js'
import type { Cluster } from '../../cluster/cluster.js'
import { leaderOf } from '../../cluster/image.js'
import type { Peers } from '../../cluster/peers/peers.js'
import { eachSoundBatch } from '../../log/each-sound-batch.js'
import type { Logs } from '../../log/logs.js'

export interface StoryPartitionsOptions {
  readonly clock: Clock
  readonly catalog: Pick<Catalog, 'topic'>
  readonly logs: Pick<Logs, 'get' | 'has'>
  readonly cluster: Pick<Cluster, 'brokerId' | 'image'>
  readonly peers: Pick<Peers, 'ask'>
}

const answerMs = 2_000
const bytesAtOnce = 1024 * 1024
const latest = -1
const earliest = -2
/** Not of a session. */
const noSession = -1

/**
 * The partitions of `__rivven_rebalances`, whoever leads them, and how far each was read here. `later`: nobody leads it just now, or who
 * does could not be asked.
 */
export class StoryPartitions {
  readonly #options: StoryPartitionsOptions
  /** By partition: the offset behind what was read, or written here right behind that. */
  readonly #read = new Map<number, number>()

  constructor(options: StoryPartitionsOptions) {
    this.#options = options
  }

  get count(): number {
    return this.#options.catalog.topic(rebalancesTopic)?.partitionCount ?? 0
  }

  isHere(partition: number): boolean {
    return this.#options.logs.has(rebalancesTopic, partition)
  }

  /** Rejects where it cannot be stored. After `later` it may be stored all the same. */
  async append(partition: number, batch: Buffer): Promise<'done' | 'later'> {
    const { cluster, logs } = this.#options
    const log = logs.get(rebalancesTopic, partition)
    if (!log) return this.#appendElsewhere(partition, batch)
    const next = log.logEndOffset
    const { errorCode, errorMessage } = await log.append(batch, { acks: 1, origin: 'coordinator' })
    if (errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER && cluster.image.brokers.size > 1) return 'later'
    if (errorCode !== ErrorCode.NONE) throw new Error(errorMessage ?? `error ${errorCode}`)
    // What others have written meanwhile is still to be read.
    if ((this.#read.get(partition) ?? 0) === next) this.#read.set(partition, next + batchRecordCount(batch))
    return 'done'
  }

  /** Whether somebody may have written what was not read here. */
  mayHaveNews(partition: number): boolean {
    const log = this.#options.logs.get(rebalancesTopic, partition)
    return !log || log.logEndOffset > (this.#read.get(partition) ?? 0)
  }

  /** Visits batches that were not read yet; `most` records at most, the newest ones. Rejects where a log here cannot be read. */
  async read(partition: number, most: number, visit: (batch: Buffer) => void): Promise<'done' | 'later'> {
    const log = this.#options.logs.get(rebalancesTopic, partition)
    if (!log) return this.#readElsewhere(partition, most, visit)
    const { logEndOffset: endOffset, logStartOffset } = log
    const fromOffset = this.#from(partition, { start: logStartOffset, end: endOffset, most })
    this.#read.set(partition, endOffset)
    // A story that is damaged is told by nobody; whoever reads the topic gets the error.
    await eachSoundBatch(log, { fromOffset, endOffset, damaged: () => undefined, clock: this.#options.clock, visit })
    return 'done'
  }

  #from(partition: number, { start, end, most }: { start: number; end: number; most: number }): number {
    return Math.max(start, end - most, Math.min(this.#read.get(partition) ?? 0, end))
  }

  async #appendElsewhere(index: number, batch: Buffer): Promise<'done' | 'later'> {
    const place = this.#leaderOf(index)
    if (!place) return 'later'
    const topic = { name: rebalancesTopic, topicId: place.topicId, partitionData: [{ index, records: [batch] }] }
    const request = { transactionalId: null, acks: 1, timeoutMs: answerMs, topicData: [topic] }
    const answer = await this.#options.peers.ask(place.leader, 'questions', Produce, request).catch(() => undefined)
    const result = answer?.responses[0]?.partitionResponses[0]
    if (!result || isMoving(result.errorCode)) return 'later'
    if (result.errorCode !== ErrorCode.NONE)
      throw new Error(result.errorMessage ?? `broker ${place.leader} answers with error ${result.errorCode}`)
    return 'done'
  }

  async #readElsewhere(partition: number, most: number, visit: (batch: Buffer) => void): Promise<'done' | 'later'> {
    const place = this.#leaderOf(partition)
    if (!place) return 'later'
    try {
      const [start, end] = await Promise.all([earliest, latest].map((at) => this.#offset(place.leader, partition, at)))
      if (start === undefined || end === undefined) return 'later'
      let offset = this.#from(partition, { start, end, most })
      while (offset < end) {
        const records = await this.#fetch(place, partition, offset)
        if (records === undefined) return 'later'
        const before = offset
        for (const batch of batchesOf(records)) {
          visit(batch)
          offset = Math.max(offset, batchNextOffset(batch))
        }
        if (offset === before) break
      }
      this.#read.set(partition, Math.max(offset, end))
      return 'done'
    } catch {
      // It is told by the peers that one cannot be asked.
      return 'later'
    }
  }

  /** Of what its leader says; undefined: it does not lead it. */
  async #offset(leader: number, partitionIndex: number, timestamp: number): Promise<number | undefined> {
    const topics = [{ name: rebalancesTopic, partitions: [{ partitionIndex, timestamp }] }]
    const answer = await this.#options.peers.ask(leader, 'questions', ListOffsets, { topics })
    const found = answer.topics[0]?.partitions[0]
    return found?.errorCode === ErrorCode.NONE ? found.offset : undefined
  }

  async #fetch({ leader, topicId }: Place, partition: number, fetchOffset: number): Promise<Buffer | undefined> {
    const partitions = [{ partition, fetchOffset, partitionMaxBytes: bytesAtOnce }]
    const topics = [{ topic: rebalancesTopic, topicId, partitions }]
    const request = { maxWaitMs: 0, minBytes: 0, maxBytes: bytesAtOnce, sessionEpoch: noSession, topics }
    const answer = await this.#options.peers.ask(leader, 'questions', Fetch, request)
    const found = answer.responses[0]?.partitions[0]
    if (answer.errorCode !== ErrorCode.NONE || found?.errorCode !== ErrorCode.NONE) return undefined
    return (found.records && contiguous(found.records)) ?? Buffer.alloc(0)
  }

  /** Undefined: it is nobody, or this broker, which has not opened it yet. */
  #leaderOf(partition: number): Place | undefined {
    const { catalog, cluster } = this.#options
    const topicId = catalog.topic(rebalancesTopic)?.id
    const leader = leaderOf(cluster.image, rebalancesTopic, partition)?.leader ?? null
    const isElsewhere = leader !== null && leader !== cluster.brokerId
    return isElsewhere && topicId !== undefined ? { leader, topicId } : undefined
  }
}

interface Place {
  readonly leader: number
  readonly topicId: string
}

function isMoving(errorCode: number): boolean {
  return errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER || errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}
