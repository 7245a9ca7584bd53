import assert from 'node:assert/strict'
import { Consumer, Producer, RivvenError } from '@rivven/client'
import { eventually } from '../support/eventually.js'

export const TOPIC = 'orders'
export const PARTITIONS = 6

/** Retries soon: a test waits for what clients wait for. */
const quick = { retryBackoffMs: 20, maxRetryBackoffMs: 200, requestTimeoutMs: 5_000 }

/** Writes 0, 1, 2, … to each partition until it is stopped, and knows what was acknowledged. */
export class Writer {
  readonly #producer: Producer
  readonly #done: Promise<void>
  #isStopped = false
  /** How many of each partition. */
  count = 0

  constructor(bootstrapServers: string) {
    this.#producer = new Producer({ bootstrapServers, ...quick })
    this.#done = this.#run()
  }

  /** Resolves when so many more rounds were acknowledged. */
  async more(rounds: number): Promise<void> {
    const wanted = this.count + rounds
    await eventually(() => assert.ok(this.count >= wanted))
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#done
    await this.#producer.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const value = String(this.count)
      const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)
      await this.#producer.sendMany(partitions.map((partition) => ({ topic: TOPIC, partition, value })))
      this.count++
    }
  }
}

/** Members of one group that read until they are stopped. */
export class WorkingGroup {
  readonly members: readonly Consumer[]
  /** What was read of each partition, in the order of its coming. */
  readonly values: number[][] = Array.from({ length: PARTITIONS }, () => [])
  /** How often members were given partitions. */
  assignments = 0
  readonly #done: Promise<unknown>
  #isStopped = false

  constructor(bootstrapServers: string, { groupId, members }: { groupId: string; members: number }) {
    const options = { groupId, autoOffsetReset: 'earliest', autoCommitIntervalMs: 50, fetchMaxWaitMs: 100 } as const
    this.members = Array.from({ length: members }, () => new Consumer({ bootstrapServers, ...options, ...quick }))
    this.#done = Promise.all(this.members.map((member) => this.#run(member)))
  }

  /** Resolves when each member has its share, and reads. */
  async works(): Promise<void> {
    const share = PARTITIONS / this.members.length
    await eventually(() => {
      for (const member of this.members) assert.equal(member.assignment().length, share)
      for (const values of this.values) assert.ok(values.length > 0)
    })
  }

  get generations(): number[] {
    return this.members.map(({ generationId }) => generationId)
  }

  /** Resolves when all of `0, 1, … count - 1` was read of each partition, once and in order. */
  async hasRead(count: number): Promise<void> {
    await eventually(() => {
      for (const values of this.values) assert.ok(values.length >= count, `${values.length} of ${count}`)
    })
    const expected = Array.from({ length: count }, (_, value) => value)
    for (const values of this.values) assert.deepEqual(values, expected)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#done
    await Promise.all(this.members.map((member) => member.close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #run(member: Consumer): Promise<void> {
    member.setRebalanceListener({ onPartitionsAssigned: () => void this.assignments++ })
    await member.subscribe(TOPIC)
    while (!this.#isStopped)
      for (const { partition, value } of await poll(member)) this.values[partition]!.push(Number(value))
  }
}

/** What is to be tried again is no reason to stop. */
async function poll(member: Consumer) {
  try {
    return await member.poll(100)
  } catch (error) {
    if (error instanceof RivvenError && error.retriable) return []
    throw error
  }
}
