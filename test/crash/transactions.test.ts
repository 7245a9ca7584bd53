import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Admin, Consumer } from '@rivven/client'
import { KillableBroker } from '../exactly-once/world.js'
import { eventually } from '../support/eventually.js'
import { leaveOpen, TransactionalWriter } from './transactional-writer.js'

const kills = 5
const topic = 'ledger'
const partitions = 3

/** Reads up to the high watermark, which committed readers reach only when no transaction is open any more. */
async function readCommitted(bootstrapServers: string, withinMs: number): Promise<string[][]> {
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  const admin = new Admin({ bootstrapServers })
  const ends = await admin.listOffsets(all.map((entry) => ({ ...entry, timestamp: 'latest' as const })))
  await admin.close()
  const options = { autoOffsetReset: 'earliest', enableAutoCommit: false, isolationLevel: 'read_committed' } as const
  const consumer = new Consumer({ bootstrapServers, ...options })
  await consumer.assign(all)
  const values: string[][] = all.map(() => [])
  await eventually(async () => {
    for (const { partition, value } of await consumer.poll(100)) values[partition]!.push(String(value))
    for (const { partition, offset } of ends) {
      assert.ok((await consumer.position({ topic, partition })) >= offset, `partition ${partition} is held back`)
    }
  }, withinMs)
  await consumer.close()
  return values
}

test(`${kills} times killed amid transactions, each of them is seen wholly or not at all, and so are its offsets`, {
  timeout: 60_000,
}, async () => {
  const broker = await KillableBroker.start()
  const { bootstrapServers } = broker
  const port = Number(bootstrapServers.split(':')[1])
  const admin = new Admin({ bootstrapServers })
  await admin.createTopics([{ name: topic, partitions }])
  await admin.close()
  const names = ['classic', 'modern', 'modern-too']
  const options = (name: string) => ({ port, name, topic, partitions, protocol: name === 'classic' ? 1 : 2 }) as const
  const writers = names.map((name) => new TransactionalWriter(options(name)))
  const running = Promise.all(writers.map((writer) => writer.run()))
  running.catch(() => undefined)
  const someSteps = async () => {
    const before = writers.map(({ acknowledged }) => acknowledged)
    const isOn = () => assert.ok(writers.every(({ acknowledged }, at) => acknowledged >= before[at]! + 5))
    await Promise.race([eventually(isOn), running])
  }
  try {
    for (let round = 0; round < kills; round++) {
      await someSteps()
      await leaveOpen(options(`dead-${round}`), `dead-${round}:1:1`, 1_000)
      await pause((round * 37) % 100)
      await broker.kill()
    }
    await someSteps()
    for (const writer of writers) writer.stop()
    await running
    // Those left open end by their timeout, though the broker was killed meanwhile.
    const seen = await readCommitted(bootstrapServers, 11_000)
    for (const [at, name] of names.entries()) {
      const { acknowledged, aborted } = writers[at]!
      const [first, ...others] = seen.map((values) => values.filter((value) => value.startsWith(`${name}:`)))
      const steps = first!.map((value) => Number(value.split(':')[1]))
      assert.deepEqual(
        steps,
        Array.from({ length: acknowledged }, (_, step) => step + 1),
        `${name} counts without a gap, and nothing twice`,
      )
      for (const other of others) assert.deepEqual(other, first, `each transaction of ${name} is in every partition`)
      assert.deepEqual(
        aborted.filter((value) => first!.includes(value)),
        [],
        'aborted, and seen all the same',
      )
    }
    assert.deepEqual(
      seen.flat().filter((value) => value.startsWith('dead')),
      [],
    )
  } finally {
    for (const writer of writers) writer.stop()
    await broker.close()
  }
})
