import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Consumer, Producer } from '@rivven/client'
import { startRivven } from '@rivven/testing'

const COUNT = 240
const PARTITIONS = 3

/** Large and small records by turns, so that frames hold batches of both kinds; each is full of its own number. */
function payloadOf(index: number): Buffer {
  return Buffer.alloc(index % 4 === 0 ? 100 : 30_000 + index * 500, index)
}

/** The numbers of all records, in the order they come; each must be what was sent. */
async function readAll(bootstrapServers: string, topic: string): Promise<number[]> {
  const consumer = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest' })
  consumer.assign(Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })))
  const seen: number[] = []
  for await (const { value } of consumer) {
    const index = value?.[0] ?? -1
    assert.ok(value?.equals(payloadOf(index)), `record ${index} is not what was sent`)
    if (seen.push(index) === COUNT) break
  }
  await consumer.close()
  return seen.sort((a, b) => a - b)
}

async function checkReuse(dataDir?: string): Promise<void> {
  await using rivven = await startRivven({
    config: { num_partitions: PARTITIONS },
    ...(dataDir === undefined ? {} : { dataDir }),
  })
  const { bootstrapServers } = rivven
  const producers = [1, 'all', 1, 'all'].map((acks) => {
    return new Producer({ bootstrapServers, acks: acks as 1 | 'all', idempotent: false, lingerMs: 1 })
  })
  const send = (index: number, topic: string) =>
    producers[index % 4]!.send({ topic, partition: (index >> 2) % PARTITIONS, value: payloadOf(index) })
  const indexes = Array.from({ length: COUNT }, (_, index) => index)
  for (const topic of ['nobody-reads', 'followed']) await send(0, topic)
  const follower = readAll(bootstrapServers, 'followed')
  for (const topic of ['followed', 'nobody-reads']) {
    for (let at = 1; at < COUNT; at += 16)
      await Promise.all(indexes.slice(at, at + 16).map((index) => send(index, topic)))
  }
  await Promise.all(producers.map((producer) => producer.close()))
  assert.deepEqual(await follower, indexes)
  assert.deepEqual(await readAll(bootstrapServers, 'nobody-reads'), indexes)
  assert.deepEqual(await readAll(bootstrapServers, 'followed'), indexes)
}

test('memory of requests that is used again changes nothing that is stored or read: in memory', () => checkReuse())

test('memory of requests that is used again changes nothing that is stored or read: in files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rivven-reuse-'))
  try {
    await checkReuse(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
})
