import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, RivvenError } from '@rivven/client'
import kafkajs from 'kafkajs'
import { assertPlainFailure, cells, scene } from './cli-scene.js'

/** Whether the broker answers about transactions at all. */
async function knowsTransactions(bootstrapServers: string): Promise<boolean> {
  const admin = new Admin({ bootstrapServers })
  try {
    await admin.listTransactions()
    return true
  } catch (error) {
    if (error instanceof RivvenError && error.code === 'UNSUPPORTED_BY_BROKER') return false
    throw error
  } finally {
    await admin.close()
  }
}

/** A producer with an open transaction: a record in each of two partitions of the topic. */
async function openTransaction(bootstrapServers: string, transactionalId: string, topic: string) {
  const kafka = new kafkajs.Kafka({ brokers: [bootstrapServers], logLevel: kafkajs.logLevel.NOTHING })
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1, retry: { retries: 10 } })
  await producer.connect()
  const transaction = await producer.transaction()
  await transaction.send({
    topic,
    messages: [
      { value: 'a', partition: 0 },
      { value: 'b', partition: 1 },
    ],
  })
  return { producer, transaction }
}

test('an open transaction is listed, described and aborted, and its producer is shut out', async (t) => {
  await using s = await scene()
  if (!(await knowsTransactions(s.bootstrapServers))) return t.skip('this broker has no transactions')
  await s.data('topic create t --partitions 2')
  const { producer, transaction } = await openTransaction(s.bootstrapServers, 'copier-0', 't')
  assert.deepEqual(
    cells(await s.data('transaction list --state Ongoing')).map(([id, , state]) => [id, state]),
    [['copier-0', 'Ongoing']],
  )
  assert.deepEqual(cells(await s.data('transaction list --longer-than 1h')), [])
  const described = await s.data('transaction describe copier-0')
  assert.match(described, /^Transactional id: copier-0\nState: Ongoing\nOpen: since 20\S+Z, for .*\nTimeout: 1 min\n/)
  assert.match(described, /\nTOPIC +PARTITION\nt +0\nt +1\n$/)
  const producers = await s.data('transaction describe --topic t --partition 1')
  assert.deepEqual(
    cells(producers).map((row) => row.at(-1)),
    ['0'],
  )

  assert.match((await s.run('transaction abort copier-0 --dry-run')).words, /^Would shut out producer \d+ with epoch 0/)
  const aborted = await s.run('transaction abort copier-0')
  assert.match(aborted.words, /Its transaction was aborted; the epoch is \d+ now/)
  assert.deepEqual(cells(await s.data('transaction list --state Ongoing')), [])
  assert.equal(await s.data('consume t --from-beginning --timeout 300 --isolation read_committed'), '')
  await assert.rejects(transaction.commit())
  await producer.disconnect()
})

test('a transaction that hangs is ended in its partition', async (t) => {
  await using s = await scene()
  if (!(await knowsTransactions(s.bootstrapServers))) return t.skip('this broker has no transactions')
  await s.data('topic create u --partitions 2')
  const { producer } = await openTransaction(s.bootstrapServers, 'copier-1', 'u')
  const [open] = JSON.parse(await s.data('transaction describe copier-1 -o json'))
  const abort = `transaction abort --topic u --partition 1 --producer-id ${open.producerId}`
  assert.match(
    (await s.run(`${abort} --dry-run`)).words,
    /^Would abort the transaction of producer \d+ in u\/1, open since/,
  )
  assert.match((await s.run(abort)).words, /^Aborted the transaction of producer \d+ in u\/1, open since offset 0\.\n/)
  assertPlainFailure(await s.run(abort), /has no transaction open in u\/1/, 4)
  await producer.disconnect()
})

test('transaction commands that make no sense are refused in one sentence', async () => {
  await using s = await scene()
  assertPlainFailure(await s.run('transaction describe'), /Name transactional ids, or the topic/, 2)
  assertPlainFailure(await s.run('transaction describe x --topic t'), /Name transactional ids, or the topic/, 2)
  assertPlainFailure(await s.run('transaction abort'), /--topic, --partition and --producer-id/, 2)
  assertPlainFailure(await s.run('transaction abort --topic t --partition 0'), /and --producer-id/, 2)
  assertPlainFailure(await s.run('transaction abort x --topic t'), /not both/, 2)
  for (const command of ['describe', 'abort'])
    assertPlainFailure(await s.run(`transaction ${command} nobody`), /nobody/, 4)
})
