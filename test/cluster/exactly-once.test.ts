import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Consumer, Producer, RivvenError } from '@rivven/client'
import { startRivvenCluster } from '@rivven/testing'
import { eventually } from '../support/eventually.js'

const PARTITIONS = 6
const RECORDS = 600
const quick = { retryBackoffMs: 20, maxRetryBackoffMs: 200, requestTimeoutMs: 5_000 }

/** Copies `in` to `out`, each batch and its offsets in one transaction, until it is stopped. */
class Copier {
  readonly #producer: Producer
  readonly #consumer: Consumer
  readonly #done: Promise<void>
  #isStopped = false
  copied = 0

  constructor(bootstrapServers: string, name: string) {
    this.#producer = new Producer({ bootstrapServers, transactionalId: name, transactionTimeoutMs: 10_000, ...quick })
    this.#consumer = new Consumer({
      ...{
        bootstrapServers,
        groupId: 'copiers',
        autoOffsetReset: 'earliest',
        isolationLevel: 'read_committed',
        ...quick,
      },
      ...{ enableAutoCommit: false, maxPollRecords: 10, fetchMaxWaitMs: 100 },
    })
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#done
    await this.#consumer.close()
    await this.#producer.close()
  }

  async #run(): Promise<void> {
    await this.#consumer.subscribe('in')
    while (!this.#isStopped) {
      try {
        await this.#copySome()
      } catch (error) {
        if (!(error instanceof RivvenError) || error.fatal) throw error
        this.#consumer.seekToCommitted()
      }
    }
  }

  async #copySome(): Promise<void> {
    const count = await this.#producer.transaction(async (transaction) => {
      const records = await this.#consumer.poll(100)
      if (records.length === 0) return 0
      await transaction.sendMany(records.map(({ partition, value }) => ({ topic: 'out', partition, value })))
      await transaction.commitOffsets(this.#consumer.position())
      return records.length
    })
    this.copied += count
  }
}

test('an exactly-once copy has each record once and in order, though each broker is killed or drained meanwhile', async () => {
  await using cluster = await startRivvenCluster({ config: { num_partitions: PARTITIONS } })
  const { bootstrapServers } = cluster
  const producer = new Producer({ bootstrapServers })
  for (let value = 0; value < RECORDS; value++)
    await producer.send({ topic: 'in', partition: value % PARTITIONS, value: String(value) })
  await producer.close()
  const copiers = ['a', 'b'].map((name) => new Copier(bootstrapServers, name))
  const copied = () => copiers.reduce((sum, copier) => sum + copier.copied, 0)
  await eventually(() => assert.ok(copied() > 0))
  for (const id of [1, 2, 3]) {
    await cluster.kill(id)
    const before = copied()
    await eventually(() => assert.ok(copied() > before || copied() === RECORDS))
    await cluster.restart(id)
    await cluster.drain((id % 3) + 1)
    await cluster.undrain((id % 3) + 1)
  }
  await eventually(() => assert.ok(copied() >= RECORDS))
  for (const copier of copiers) await copier.stop()
  assert.deepEqual(await committedTo(bootstrapServers), await expectedValues())
})

async function expectedValues(): Promise<number[][]> {
  const each = RECORDS / PARTITIONS
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    return Array.from({ length: each }, (_, at) => at * PARTITIONS + partition)
  })
}

/** All that is committed to `out`, by partition; polls on for a while, for what should not be there. */
async function committedTo(bootstrapServers: string): Promise<number[][]> {
  const reader = new Consumer({ bootstrapServers, isolationLevel: 'read_committed', autoOffsetReset: 'earliest' })
  const values: number[][] = Array.from({ length: PARTITIONS }, () => [])
  await reader.assign(values.map((_, partition) => ({ topic: 'out', partition })))
  let count = 0
  for (let isOver = false; !isOver; ) {
    const records = await reader.poll(500)
    for (const { partition, value } of records) values[partition]!.push(Number(value))
    count += records.length
    isOver = count >= RECORDS && records.length === 0
  }
  await reader.close()
  return values
}
