import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { AddPartitionsToTxn, buildBatch, EndTxn, InitProducerId, Produce } from '@rivven/protocol'
import type { RecordPage } from '../../src/api/records/record-shapes.js'
import type { ReadRequest } from '../../src/log/partition-log.js'
import { StoredLog } from '../../src/log/stored-log.js'
import { GroupClient } from '../http/group-client.js'
import { guardedBroker } from '../http/guarded-broker.js'
import { HttpBroker } from '../http/http-broker.js'

interface Sent {
  readonly key?: Buffer | null
  readonly value?: Buffer | null
  readonly timestamp?: number
  readonly headers?: { key: string; value: Buffer | null }[]
}

async function scene(t: TestContext, values: Record<string, unknown> = {}) {
  const broker = await HttpBroker.start(values)
  t.after(() => broker.close())
  const client = new GroupClient(broker)
  await client.makeTopic('orders', 2)
  const send = async (index: number, records: readonly Sent[], producer: object = {}): Promise<void> => {
    const all = records.map((record) => ({ key: null, value: null, timestamp: 1, ...record }))
    const partitionData = [{ index, records: buildBatch({ records: all, ...producer }) }]
    const { transactionalId = null } = producer as { transactionalId?: string }
    const request = { transactionalId, acks: -1, timeoutMs: 5_000, topicData: [{ name: 'orders', partitionData }] }
    const { responses } = await broker.call(Produce, 7, request)
    assert.equal(responses[0]!.partitionResponses[0]!.errorCode, 0)
  }
  const read = async (query = ''): Promise<RecordPage> => {
    const answer = await broker.get(`/api/topics/orders/records?${query}`)
    const page = await answer.json()
    assert.equal(answer.status, 200, JSON.stringify(page))
    return page as RecordPage
  }
  return { broker, client, send, read }
}

const numbered = (from: number, count: number): Sent[] =>
  Array.from({ length: count }, (_, at) => ({ value: Buffer.from(`v${from + at}`), timestamp: from + at }))
const textsOf = ({ records }: RecordPage) => records.map(({ value }) => value?.text)

test('records are read from an offset on, page by page', async (t) => {
  const { send, read } = await scene(t)
  await send(0, numbered(0, 7))
  await send(0, numbered(7, 5))
  const first = await read('partition=0&offset=2&limit=4')
  assert.deepEqual(textsOf(first), ['v2', 'v3', 'v4', 'v5'])
  assert.deepEqual([first.next, first.stopped], ['0:6', 'limit'])
  const second = await read(`partition=0&from=${first.next}&limit=500`)
  assert.deepEqual(textsOf(second), ['v6', 'v7', 'v8', 'v9', 'v10', 'v11'])
  assert.deepEqual([second.next, second.stopped, second.scanned], [null, 'end', 6])
})

test('the newest records are read, of one partition and of all', async (t) => {
  const { send, read } = await scene(t)
  await send(0, numbered(0, 10))
  await send(1, numbered(100, 10))
  assert.deepEqual(textsOf(await read('partition=0&newest=3')), ['v7', 'v8', 'v9'])
  assert.deepEqual(textsOf(await read('limit=4')), ['v8', 'v9', 'v108', 'v109'])
  assert.deepEqual(textsOf(await read('partition=0&newest=2&search=v1')), ['v1'])
})

test('records are found by time, and by a text in them, over all partitions', async (t) => {
  const { send, read } = await scene(t)
  await send(0, numbered(0, 10))
  await send(1, [...numbered(100, 3), { key: Buffer.from('needle'), value: null, timestamp: 500 }])
  await send(1, [{ headers: [{ key: 'trace', value: Buffer.from('a needle') }], timestamp: 501 }])
  assert.deepEqual(textsOf(await read('timestamp=8&partition=0')), ['v8', 'v9'])
  const found = await read('timestamp=0&search=needle')
  assert.deepEqual(
    found.records.map(({ partition, offset }) => [partition, offset]),
    [
      [1, 3],
      [1, 4],
    ],
  )
  assert.equal(found.scanned, 15)
})

test('what a value looks like is said, numbers stay as they were written, and nothing is more than a preview', async (t) => {
  const { send, read } = await scene(t)
  const int64 = Buffer.alloc(8)
  int64.writeBigInt64BE(9_007_199_254_740_993n)
  await send(0, [
    { key: int64, value: Buffer.from('{"id":12345678901234567890}') },
    { key: Buffer.from([0, 0, 0, 5]), value: Buffer.from([0, 0, 0, 0, 7, 9, 9]) },
    { key: Buffer.from('k'), value: Buffer.from('é'.repeat(3000)) },
    { key: null, value: Buffer.from([0xff, 0xfe]) },
    { key: Buffer.from(''), value: Buffer.from('<script>alert(1)</script>') },
  ])
  const { records } = await read('partition=0&offset=0')
  const [first, second, third, fourth, fifth] = records
  assert.deepEqual([first?.key?.kind, first?.key?.text], ['int64', '9007199254740993'])
  assert.deepEqual([first?.value?.kind, first?.value?.text], ['json', '{"id":12345678901234567890}'])
  assert.deepEqual([second?.key?.kind, second?.key?.text], ['int32', '5'])
  assert.deepEqual([second?.value?.kind, second?.value?.schemaId, second?.value?.base64], ['schema', 7, 'AAAAAAcJCQ=='])
  assert.deepEqual([third?.value?.size, third?.value?.isCut, third?.value?.text], [6000, true, 'é'.repeat(1024)])
  assert.deepEqual([fourth?.key, fourth?.value?.kind, fourth?.value?.base64], [null, 'binary', '//4='])
  assert.equal(fifth?.value?.text, '<script>alert(1)</script>')
})

test('records of aborted transactions and markers are told only to who asks for them, open ones to who reads uncommitted', async (t) => {
  const { broker, send, read } = await scene(t)
  const transactionalId = 'copier'
  const { producerId, producerEpoch } = await broker.call(InitProducerId, 4, {
    transactionalId,
    transactionTimeoutMs: 60_000,
  })
  const producer = { transactionalId, producerId, producerEpoch, isTransactional: true }
  const begin = () =>
    broker.call(AddPartitionsToTxn, 3, {
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name: 'orders', partitions: [0] }],
    })
  const end = async (committed: boolean) => {
    const { errorCode } = await broker.call(EndTxn, 3, { transactionalId, producerId, producerEpoch, committed })
    assert.equal(errorCode, 0)
  }
  await begin()
  await send(0, numbered(0, 2), { ...producer, baseSequence: 0 })
  await end(false)
  // The marker comes in a moment.
  while ((await read('partition=0&offset=0&show=true')).records.length < 3);
  while ((await begin()).resultsByTopicV3AndBelow[0]!.resultsByPartition[0]!.partitionErrorCode === 51);
  await send(0, numbered(10, 1))
  await send(0, numbered(20, 1), { ...producer, baseSequence: 2 })
  assert.deepEqual(textsOf(await read('partition=0&offset=0')), ['v10'])
  const shown = await read('partition=0&offset=0&show=true')
  assert.deepEqual(
    shown.records.map(({ mark }) => mark),
    ['aborted', 'aborted', 'control', null],
  )
  assert.deepEqual(textsOf(await read('partition=0&offset=0&isolation=read_uncommitted')), ['v10', 'v20'])
  await end(true)
})

test('one call scans 50,000 records at most, and says where it stopped', async (t) => {
  const { send, read } = await scene(t)
  for (let at = 0; at < 11; at++) await send(0, numbered(at * 5_000, 5_000))
  const first = await read('partition=0&offset=0&search=v54999')
  assert.deepEqual([first.stopped, first.scanned, first.records], ['records', 50_000, []])
  const second = await read(`partition=0&from=${first.next}&search=v54999`)
  assert.deepEqual([second.stopped, textsOf(second)], ['end', ['v54999']])
})

test('a whole value is had as bytes that no browser shows, a large one as a download', async (t) => {
  const { broker, send } = await scene(t, { message_max_bytes: 4_000_000 })
  const large = Buffer.alloc(1_100_000, 'x')
  await send(0, [{ key: Buffer.from('k'), value: Buffer.from('<b>') }, { value: large }, { value: null }])
  const value = (offset: string, query = '') =>
    broker.get(`/api/topics/orders/partitions/0/records/${offset}/value${query}`)
  const small = await value('0')
  assert.equal(await small.text(), '<b>')
  assert.equal(small.headers.get('content-type'), 'application/octet-stream')
  assert.equal(small.headers.get('content-disposition'), 'attachment')
  assert.equal(small.headers.get('x-content-type-options'), 'nosniff')
  assert.equal(await (await value('0', '?part=key')).text(), 'k')
  assert.equal((await value('1')).status, 413)
  assert.deepEqual(Buffer.from(await (await value('1', '?download=true')).arrayBuffer()), large)
  for (const offset of ['2', '3', 'x', '-1', '99999999999999999'])
    assert.equal((await value(offset)).status, 404, offset)
})

test('offsets are those of a partition, and of the ways to begin one is taken', async (t) => {
  const { broker } = await scene(t)
  const wrong = [
    'offset=0',
    'partition=0&offset=0&newest=1',
    'from=x',
    'from=0:1&timestamp=0',
    'limit=501',
    'partition=-1',
  ]
  for (const query of wrong) assert.equal((await broker.get(`/api/topics/orders/records?${query}`)).status, 400, query)
  assert.equal((await broker.get('/api/topics/orders/records?partition=2')).status, 404)
  assert.equal((await broker.get('/api/topics/nothing/records')).status, 404)
})

test('contents of records are for who may read the topic, and for nobody where they are off', async (t) => {
  const { client, as, allow } = await guardedBroker(t)
  await client.makeTopic('orders')
  await client.produce('orders', 1)
  await allow('DESCRIBE', 'TOPIC', 'orders')
  const paths = ['/api/topics/orders/records', '/api/topics/orders/partitions/0/records/0/value']
  for (const path of paths) assert.equal((await as('alice', path)).status, 403, path)
  await allow('READ', 'TOPIC', 'orders')
  for (const path of paths) assert.equal((await as('alice', path)).status, 200, path)
  const { broker } = await scene(t, { http_records: 'off' })
  for (const path of paths) {
    const answer = await broker.get(path)
    assert.equal(((await answer.json()) as { code: string }).code, 'RECORDS_OFF')
  }
})

test('four requests for records are answered at a time, a fifth is told to come again', async (t) => {
  const { broker, send, read } = await scene(t)
  await send(0, numbered(0, 3))
  let open = (): void => undefined
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const { read: readLog } = StoredLog.prototype
  const held = t.mock.method(StoredLog.prototype, 'read', async function (this: StoredLog, request: ReadRequest) {
    await gate
    return readLog.call(this, request)
  })
  const four = Array.from({ length: 4 }, () => read('partition=0&offset=0'))
  while (held.mock.callCount() < 4) await new Promise((resolve) => setImmediate(resolve))
  for (const path of ['records?partition=0&offset=0', 'partitions/0/records/0/value']) {
    const fifth = await broker.get(`/api/topics/orders/${path}`)
    assert.equal(fifth.status, 429)
    assert.equal(((await fifth.json()) as { code: string }).code, 'TOO_MANY_READS')
  }
  open()
  for (const page of await Promise.all(four)) assert.deepEqual(textsOf(page), ['v0', 'v1', 'v2'])
  assert.deepEqual(textsOf(await read('partition=0&offset=0')), ['v0', 'v1', 'v2'])
})
