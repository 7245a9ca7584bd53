import { setTimeout as pause } from 'node:timers/promises'
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  type Api,
  buildBatch,
  EndTxn,
  ErrorCode,
  type encodeRequest,
  errorOf,
  InitProducerId,
  OffsetFetch,
  Produce,
  type ResponseOf,
  TxnOffsetCommit,
} from '@rivven/protocol'
import { RawConnection } from '../support/raw-connection.js'

export interface WriterOptions {
  readonly port: number
  readonly name: string
  readonly topic: string
  readonly partitions: number
  /** 1: AddPartitionsToTxn before the first batch; 2: KIP-890. */
  readonly protocol: 1 | 2
}

/** Transactions that were refused for what may pass are tried again, as every client does. */
const passing: readonly number[] = [
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.NOT_ENOUGH_REPLICAS,
  ErrorCode.UNSTABLE_OFFSET_COMMIT,
]

/** An answer that no kill excuses. */
export class Refused extends Error {}

/**
 * Counts in transactions: step n writes `name:n:attempt` into every partition and commits n as the offset of its group, then
 * commits (or, every fifth time, aborts at first). When the connection breaks it goes on behind what its group has. Requests
 * are written by hand, so that nothing of a client hides what the broker does.
 */
export class TransactionalWriter {
  /** The last step whose commit was answered. */
  acknowledged = 0
  /** Values of steps that were aborted, and answered so. */
  readonly aborted: string[] = []
  #attempt = 0
  #isOver = false
  readonly #options: WriterOptions

  constructor(options: WriterOptions) {
    this.#options = options
  }

  /** Until `stop`, through any number of broken connections. */
  async run(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#session()
      } catch (error) {
        if (error instanceof Refused) throw error
        await pause(20)
      }
    }
  }

  stop(): void {
    this.#isOver = true
  }

  async #session(): Promise<void> {
    const connection = await RawConnection.open(this.#options.port)
    try {
      const producer = await Transactions.begin(connection, this.#options)
      for (let step = (await producer.committedOffset()) + 1; !this.#isOver; step++) await this.#step(producer, step)
    } finally {
      connection.destroy()
    }
  }

  async #step(producer: Transactions, step: number): Promise<void> {
    for (;;) {
      const value = `${this.#options.name}:${step}:${++this.#attempt}`
      await producer.write(value)
      await producer.commitOffset(step)
      const commits = this.#attempt % 5 !== 0
      await producer.end(commits)
      if (!commits) this.aborted.push(value)
      else {
        this.acknowledged = step
        return
      }
    }
  }
}

/** Opens a transaction with a record in partition 0, and is never heard of again. */
export async function leaveOpen(options: WriterOptions, value: string, timeoutMs: number): Promise<void> {
  const connection = await RawConnection.open(options.port)
  try {
    const producer = await Transactions.begin(connection, { ...options, partitions: 1 }, timeoutMs)
    await producer.write(value)
  } finally {
    connection.destroy()
  }
}

/** The requests of one producer. */
class Transactions {
  readonly #connection: RawConnection
  readonly #options: WriterOptions
  #id: { producerId: number; producerEpoch: number }
  #sequence = 0

  private constructor(
    connection: RawConnection,
    options: WriterOptions,
    id: { producerId: number; producerEpoch: number },
  ) {
    this.#connection = connection
    this.#options = options
    this.#id = id
  }

  static async begin(connection: RawConnection, options: WriterOptions, timeoutMs = 60_000): Promise<Transactions> {
    const request = {
      transactionalId: options.name,
      transactionTimeoutMs: timeoutMs,
      producerId: -1,
      producerEpoch: -1,
    }
    const id = await ask(connection, InitProducerId, 4, request, ({ errorCode }) => [errorCode])
    return new Transactions(connection, options, id)
  }

  async committedOffset(): Promise<number> {
    const topics = [{ name: this.#options.topic, partitionIndexes: [0] }]
    const request = { groupId: this.#options.name, topics, requireStable: true }
    const answer = await ask(this.#connection, OffsetFetch, 7, request, ({ errorCode, topics: found }) => [
      errorCode,
      ...found.flatMap(({ partitions }) => partitions.map((entry) => entry.errorCode)),
    ])
    return Math.max(0, answer.topics[0]!.partitions[0]!.committedOffset)
  }

  async write(value: string): Promise<void> {
    const { protocol, name, topic, partitions } = this.#options
    const indexes = Array.from({ length: partitions }, (_, index) => index)
    if (protocol === 1) {
      const topics = [{ name: topic, partitions: indexes }]
      const request = { v3AndBelowTransactionalId: name, ...this.#v3Id(), v3AndBelowTopics: topics }
      await ask(this.#connection, AddPartitionsToTxn, 3, request, ({ resultsByTopicV3AndBelow: results }) =>
        results.flatMap(({ resultsByPartition }) => resultsByPartition.map((entry) => entry.partitionErrorCode)),
      )
    }
    const record = { key: null, value: Buffer.from(value), timestamp: Date.now() }
    const batch = () =>
      buildBatch({ records: [record], ...this.#id, baseSequence: this.#sequence, isTransactional: true })
    // One partition after the other, so that a kill may come between them.
    for (const index of indexes) {
      const partitionData = [{ index, records: batch() }]
      const request = { transactionalId: name, acks: -1, timeoutMs: 5_000, topicData: [{ name: topic, partitionData }] }
      await ask(this.#connection, Produce, protocol === 1 ? 9 : 12, request, ({ responses }) =>
        responses.flatMap(({ partitionResponses }) => partitionResponses.map((entry) => entry.errorCode)),
      )
    }
    this.#sequence++
  }

  async commitOffset(committedOffset: number): Promise<void> {
    const { protocol, name, topic } = this.#options
    if (protocol === 1) {
      const request = { transactionalId: name, ...this.#id, groupId: name }
      await ask(this.#connection, AddOffsetsToTxn, 3, request, ({ errorCode }) => [errorCode])
    }
    const topics = [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: '' }] }]
    const request = { transactionalId: name, groupId: name, ...this.#id, topics }
    await ask(this.#connection, TxnOffsetCommit, protocol === 1 ? 3 : 5, request, ({ topics: results }) =>
      results.flatMap(({ partitions }) => partitions.map((entry) => entry.errorCode)),
    )
  }

  async end(committed: boolean): Promise<void> {
    const { protocol, name } = this.#options
    const request = { transactionalId: name, ...this.#id, committed }
    const answer = await ask(this.#connection, EndTxn, protocol === 1 ? 3 : 5, request, ({ errorCode }) => [errorCode])
    if (protocol === 1) return
    this.#id = { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
    this.#sequence = 0
  }

  #v3Id() {
    return { v3AndBelowProducerId: this.#id.producerId, v3AndBelowProducerEpoch: this.#id.producerEpoch }
  }
}

async function ask<A extends Api>(
  connection: RawConnection,
  api: A,
  version: number,
  request: Parameters<typeof encodeRequest<A>>[3],
  errorsOf: (answer: ResponseOf<A>) => readonly number[],
): Promise<ResponseOf<A>> {
  for (;;) {
    const answer = await connection.call(api, version, request)
    const error = errorsOf(answer).find((code) => code !== ErrorCode.NONE)
    if (error === undefined) return answer
    if (!passing.includes(error)) throw new Refused(`${api.name} v${version} was answered ${errorOf(error).name}`)
    await pause(10)
  }
}
