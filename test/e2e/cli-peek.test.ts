import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Producer } from '@rivven/client'
import { assertPlainFailure, scene } from './cli-scene.js'

type Scene = Awaited<ReturnType<typeof scene>>

interface Row {
  partition: number
  offset: number
  value: { text: string | null; kind: string } | null
  mark: string | null
}

async function rows(s: Scene, words: string): Promise<Row[]> {
  return JSON.parse(await s.data(`topic peek t ${words} -o json`.split(/ +/)))
}

async function values(s: Scene, words: string): Promise<(string | null | undefined)[]> {
  return (await rows(s, words)).map(({ value }) => value?.text)
}

const hour = 3_600_000

/** Partition 0 has records 0 to 11, an hour apart, partition 1 three of other hours between. */
async function hourly(s: Scene): Promise<void> {
  await s.data('topic create t --partitions 2')
  const producer = new Producer({ bootstrapServers: s.bootstrapServers })
  const at = (timestamp: number, partition: number, value: string) =>
    producer.send({ topic: 't', partition, value, timestamp: Date.UTC(2026, 0, 1) + timestamp })
  for (let count = 0; count < 12; count++) await at(count * hour, 0, `a${count}`)
  for (const count of [3, 9, 10]) await at((count + 0.5) * hour, 1, `b${count}`)
  await producer.close()
}

test('the newest records are shown, of one partition in its order, of all by time', async () => {
  await using s = await scene()
  await hourly(s)
  assert.deepEqual(await values(s, '--newest 4'), ['b9', 'a10', 'b10', 'a11'])
  assert.deepEqual(await values(s, '--newest 2 --partition 0'), ['a10', 'a11'])
  assert.deepEqual((await values(s, '')).length, 10)
  assert.deepEqual((await values(s, '--newest 500')).length, 15)
})

test('records are shown from an offset on, or from a time on', async () => {
  await using s = await scene()
  await hourly(s)
  assert.deepEqual(await values(s, '--partition 0 --offset 3 -n 2'), ['a3', 'a4'])
  assert.deepEqual(await values(s, '--at 2026-01-01T09:30:00Z -n 3'), ['b9', 'a10', 'b10'])
  assert.deepEqual(await values(s, '--at 2026-01-02 -n 3'), [])
  assertPlainFailure(await s.run('topic peek t --offset 3'), /say which with --partition/, 2)
  assertPlainFailure(await s.run('topic peek t --offset 3 --newest 2'), /take one of them/, 2)
  assertPlainFailure(await s.run('topic peek t --limit 3 --newest 2'), /leave --limit out/, 2)
  assertPlainFailure(await s.run('topic peek t --newest 501'), /500 records are shown at most/, 2)
  assertPlainFailure(await s.run('topic peek t --partition 0 --offset 13'), /goes from 0 to 12/, 4)
  assertPlainFailure(await s.run('topic peek t --partition 2'), /has no partition 2/, 4)
})

test('a text is looked for in keys, values and headers, however far back', async () => {
  await using s = await scene()
  await s.data('topic create t')
  const producer = new Producer({ bootstrapServers: s.bootstrapServers })
  await producer.send({ topic: 't', key: 'needle', value: 'key' })
  await producer.send({ topic: 't', value: 'a needle' })
  await producer.send({ topic: 't', value: 'header', headers: { trace: 'needle' } })
  await producer.sendMany(Array.from({ length: 5_000 }, (_, at) => ({ topic: 't', value: `hay ${at}` })))
  await producer.close()
  assert.deepEqual(await values(s, '--search needle'), ['key', 'a needle', 'header'])
  assert.deepEqual(await values(s, '--search needle --newest 1'), ['header'])
  assert.deepEqual(await values(s, '--search needle --partition 0 --offset 1 -n 1'), ['a needle'])
  const nothing = await s.run('topic peek t --search thread')
  assert.deepEqual([nothing.status, nothing.out, nothing.words], [0, '', 'There is no such record.\n'])
})

test('records of transactions that did not come to be are shown where one asks, with what became of them', async () => {
  await using s = await scene()
  await s.data('topic create t')
  const send = async (value: string, end: 'commit' | 'abort' | null) => {
    const producer = new Producer({ bootstrapServers: s.bootstrapServers, transactionalId: value })
    const transaction = await producer.beginTransaction()
    await transaction.send({ topic: 't', value })
    if (end !== null) await transaction[end]()
    return producer
  }
  const producers = [await send('done', 'commit'), await send('undone', 'abort'), await send('open', null)]
  const shown = async (words: string) => (await rows(s, words)).map(({ value, mark }) => [value!.text, mark])
  assert.deepEqual(await shown(''), [['done', null]])
  assert.deepEqual(await shown('--show-aborted'), [
    ['done', null],
    ['undone', 'aborted'],
    ['open', 'open'],
  ])
  assert.match(
    await s.data('topic peek t --show-aborted'),
    /at 2, [^,]*, of a transaction that was aborted\n {2}value: undone\n/,
  )
  await Promise.all(producers.map((producer) => producer.close()))
})

test('what comes is shown as long as it is followed', async () => {
  await using s = await scene()
  await s.topicWith('t', 2, 1)
  const producer = new Producer({ bootstrapServers: s.bootstrapServers })
  const stop = new AbortController()
  const seen: string[] = []
  const following = s.run('topic peek t --follow -o json', {
    stop: stop.signal,
    onOut: (text) => {
      for (const line of text.trimEnd().split('\n')) seen.push(JSON.parse(line).value.text)
      if (seen.length === 2) void producer.send({ topic: 't', partition: 1, value: 'more' })
      if (seen.includes('more')) stop.abort('SIGINT')
    },
  })
  assert.equal((await following).status, 130)
  assert.deepEqual(seen, ['0', '0', 'more'])
  await producer.close()
})

test('whoever looks commits nothing and makes no topic', async () => {
  await using s = await scene({ auto_create_topics_enable: true })
  await s.topicWith('t', 1, 3)
  assert.equal((await s.data('topic peek t -o csv')).split('\n')[0], 'topic,partition,offset,timestamp,key,value,mark')
  assertPlainFailure(await s.run('topic peek oders'), /oders/, 4)
  assert.equal(await s.data('group list -o csv'), 'groupId,state,protocolType,type,coordinator\n')
  assert.equal((await s.run('topic create empty')).status, 0)
  assert.equal((await s.run('topic peek empty')).words, 'There are no records.\n')
})
