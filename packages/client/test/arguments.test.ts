import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createContext, runInContext } from 'node:vm'
import { fakeRuntime } from '@rivven/fakes'
import { Admin, Cluster, Consumer, Producer, type ProducerRecord, RivvenError } from '../src/index.js'
import { TinyCluster } from './support/tiny-cluster.js'

const bootstrapServers = 'localhost:9092'

/** Fails with INVALID_ARGUMENT and these words. */
function refuses(call: () => unknown, ...words: RegExp[]): void {
  assert.throws(call, (error) => isInvalid(error, words))
}

function isInvalid(error: unknown, words: readonly RegExp[]): boolean {
  assert.ok(error instanceof RivvenError, `${error}`)
  assert.equal(error.code, 'INVALID_ARGUMENT')
  for (const word of words) assert.match(error.message, word)
  return true
}

const clients: Record<string, (options: object) => unknown> = {
  Producer: (options) => new Producer(options as never),
  Consumer: (options) => new Consumer(options as never),
  Admin: (options) => new Admin(options as never),
}

for (const [name, make] of Object.entries(clients)) {
  test(`${name} refuses options that it does not know, with what to write instead`, () => {
    refuses(() => make({ brokers: ['localhost:9092'] }), /no brokers\. Write bootstrapServers/)
    refuses(() => make({ bootstrapServers, tls: true }), /no tls\. Write ssl/)
    refuses(() => make({ bootstrapServers, requestTimeuotMs: 5 }), /Did you mean requestTimeoutMs\?/)
    refuses(() => make({ bootstrapServers, somethingElse: 5 }), /Known are bootstrapServers, clientId/)
  })

  test(`${name} refuses values of the wrong kind, and none at all where one is needed`, () => {
    refuses(() => make(undefined as never), /must be an object, not undefined/)
    refuses(() => make({}), /bootstrapServers is undefined/)
    refuses(() => make({ bootstrapServers: [] }), /names no server/)
    refuses(() => make({ bootstrapServers: [{ host: 'localhost' }] }), /bootstrapServers\[0\] is an object/)
    refuses(
      () => make({ bootstrapServers, requestTimeoutMs: '5' }),
      /requestTimeoutMs is "5": it must be a whole number/,
    )
    refuses(() => make({ bootstrapServers, requestTimeoutMs: Number.NaN }), /requestTimeoutMs is NaN/)
    refuses(() => make({ bootstrapServers, clientId: 7 }), /clientId is 7/)
    make({ bootstrapServers, clientId: undefined })
  })
}

test('options of one client alone are checked as well', () => {
  const consumer = (options: object) => () => new Consumer({ bootstrapServers, ...options } as never)
  const producer = (options: object) => () => new Producer({ bootstrapServers, ...options } as never)
  refuses(consumer({ eachMessage: () => undefined }), /for await \(const record of consumer\)/)
  refuses(consumer({ fromBeginning: true }), /autoOffsetReset: 'earliest'/)
  refuses(
    consumer({ autoOffsetReset: 'begin' }),
    /autoOffsetReset is "begin": it must be 'earliest', 'latest' or 'none'/,
  )
  refuses(consumer({ groupId: 'g', enableAutoCommit: 'no' }), /enableAutoCommit is "no": it must be true or false/)
  refuses(consumer({ groupId: 'g', rebalanceProtocol: 'lazy' }), /'eager' or 'cooperative'/)
  refuses(consumer({ logger: {} }), /logger is an object: it must be an object with a method warn/)
  refuses(producer({ compression: 'brotli' }), /compression is "brotli": it must be 'none', 'gzip'/)
  refuses(producer({ acks: 2 }), /acks is 2/)
  refuses(producer({ batchSize: {} }), /batchSize is an object/)
  refuses(producer({ lingerMs: 1.5 }), /lingerMs is 1\.5/)
  refuses(producer({ partitioner: 'murmur2' }), /partitioner is "murmur2": it must be a function/)
  refuses(() => new Cluster({} as never), /bootstrapServers is undefined/)
})

test('calls refuse arguments that make no sense, before anything is asked', async () => {
  const admin = new Admin({ bootstrapServers })
  const consumer = new Consumer({ bootstrapServers, groupId: 'g' })
  const rejects = (call: (of: never) => Promise<unknown>, ...words: RegExp[]) => {
    return assert.rejects(call({} as never), (error) => isInvalid(error, words))
  }
  const given = (value: unknown) => value as never
  await rejects(
    () => admin.createTopics(given({ topics: [{ topic: 't' }] })),
    /createTopics\(\[\{ name, partitions \}\]\)/,
  )
  await rejects(
    () => admin.createTopics([given({ topic: 't' })]),
    /createTopics: topics\[0\] has no topic\. Write name/,
  )
  await rejects(() => admin.createTopics([given({ name: 't', numPartitions: 3 })]), /Write partitions/)
  await rejects(() => admin.createTopics([{ name: 't', partitions: 1.5 }]), /topics\[0\]\.partitions is 1\.5/)
  await rejects(
    () => admin.createTopics([{ name: 't', partitions: -3 }]),
    /topics\[0\]\.partitions is -3: it must be a whole number from 1 to 2147483647, or -1 for the broker's default/,
  )
  await rejects(() => admin.createTopics([{ name: 't' }], given({ validateonly: true })), /Did you mean validateOnly/)
  await rejects(() => admin.deleteTopics(given('orders')), /names is "orders": it must be a list/)
  await rejects(() => admin.alterGroupOffsets('g', [{ topic: 't', partition: 0, offset: Number.NaN }]), /offset is NaN/)
  await rejects(() => admin.groupTimeline('g', given({ since: new Date() })), /options\.since is a Date/)
  await rejects(() => admin.fenceProducers([given(undefined)]), /transactionalIds\[0\] is undefined/)
  await rejects(
    () => consumer.subscribe(given({ topics: ['t'], fromBeginning: true })),
    /Write subscribe\(\['orders'\]\)/,
  )
  const tooLarge = new RegExp('(.*?)'.repeat(20_000))
  await rejects(() => consumer.subscribe(tooLarge), /a RegExp that is not too large/)
  await rejects(() => consumer.poll(given({ timeout: 5 })), /timeoutMs is an object/)
  await rejects(
    () => consumer.commitOffsets([given({ topic: 't', partition: 0 })]),
    /offsets\[0\]\.offset is undefined/,
  )
  await rejects(() => consumer.offsetsForTimes([{ topic: 't', partition: 0, timestamp: given(new Date()) }]), /a Date/)
  refuses(() => consumer.seek(given({ topic: 't', partition: 0, offset: '5' })), /place\.offset is "5"/)
  refuses(() => consumer.pause(given('t')), /partitions is "t": it must be a list/)
})

test('calls of other clients say what to write instead, and nobody sees them', () => {
  const producer = new Producer({ bootstrapServers })
  const consumer = new Consumer({ bootstrapServers })
  const admin = new Admin({ bootstrapServers })
  const call = (client: object, name: string) => (client as Record<string, () => unknown>)[name]!()
  for (const client of [producer, consumer, admin]) {
    refuses(() => call(client, 'connect'), /no connect\(\) here\. It connects by itself/)
    refuses(() => call(client, 'disconnect'), /Write close\(\)/)
    const names: string[] = []
    for (const name in client) names.push(name)
    assert.deepEqual(names, [])
  }
  refuses(() => call(producer, 'sendBatch'), /sendMany/)
  refuses(() => call(consumer, 'run'), /for await/)
  refuses(() => call(admin, 'fetchOffsets'), /listGroupOffsets/)
  assert.throws(() => call(producer, 'somethingElse'), TypeError)
})

test('an argument too many is refused, as it would have no effect', async () => {
  const consumer = new Consumer({ bootstrapServers, groupId: 'g' })
  const admin = new Admin({ bootstrapServers })
  const subscribe = consumer.subscribe.bind(consumer) as (...given: unknown[]) => Promise<void>
  await assert.rejects(subscribe('t', { fromBeginning: true }), (error) =>
    isInvalid(error, [/subscribe takes topics and no more/]),
  )
  await subscribe('t', undefined)
  const listTopics = admin.listTopics.bind(admin) as (...given: unknown[]) => Promise<unknown>
  await assert.rejects(listTopics('t'), (error) => isInvalid(error, [/listTopics takes no argument/]))
  refuses(() => (consumer.pause as (...given: unknown[]) => void)([], 5), /pause takes partitions and no more/)
})

test('JSON of an error has its message', () => {
  const error = new RivvenError('TIMED_OUT', 'It took too long.', { retriable: true, facts: { topic: 't' } })
  const { name, code, message, retriable, facts } = JSON.parse(JSON.stringify({ error })).error
  assert.deepEqual(
    [name, code, message, retriable, facts],
    ['RivvenError', 'TIMED_OUT', 'It took too long.', true, { topic: 't' }],
  )
})

const misfits: [what: string, record: unknown, ...words: RegExp[]][] = [
  ["kafkajs' shape", { topic: 't', messages: [{ value: 'x' }] }, /no messages\. Write send\(\{ topic, key, value \}\)/],
  ['no value', { topic: 't' }, /value is undefined.*Only null is a tombstone/],
  ['an undefined value', { topic: 't', value: undefined }, /Only null is a tombstone/],
  ['an object as value', { topic: 't', value: { a: 1 } }, /value is an object.*JSON\.stringify/],
  ['a number as value', { topic: 't', value: 5 }, /value is 5.*String\(value\)/],
  ['a number as key', { topic: 't', key: 5, value: 'x' }, /key is 5.*String\(key\)/],
  ['other numbers than bytes', { topic: 't', value: new Float64Array(2) }, /value is a Float64Array/],
  ['no topic', { value: 'x' }, /topic is undefined/],
  ['a misspelt field', { topic: 't', value: 'x', timestmap: 5 }, /no timestmap\. Did you mean timestamp\?/],
  [
    'an undefined header',
    { topic: 't', value: 'x', headers: { a: undefined } },
    /headers\.a is undefined.*leave the header out/,
  ],
  ['a number as header', { topic: 't', value: 'x', headers: { ok: 'x', n: 5 } }, /headers\.n is 5.*String\(value\)/],
  ['a fraction as timestamp', { topic: 't', value: 'x', timestamp: 1.5 }, /timestamp is 1\.5/],
  ['NaN as timestamp', { topic: 't', value: 'x', timestamp: Number.NaN }, /timestamp is NaN/],
  ['Infinity as timestamp', { topic: 't', value: 'x', timestamp: Number.POSITIVE_INFINITY }, /timestamp is Infinity/],
  ['a Date as timestamp', { topic: 't', value: 'x', timestamp: new Date() }, /timestamp is a Date.*date\.getTime\(\)/],
  ['text as timestamp', { topic: 't', value: 'x', timestamp: '5' }, /timestamp is "5"/],
  ['a timestamp beyond 2^53', { topic: 't', value: 'x', timestamp: 2 ** 53 }, /timestamp is 9007199254740992/],
  ['a fraction as partition', { topic: 't', value: 'x', partition: 0.5 }, /partition is 0\.5/],
  ['a header without a value', { topic: 't', value: 'x', headers: { a: undefined } }, /headers/],
  ['a Map of headers', { topic: 't', value: 'x', headers: new Map([['a', 'b']]) }, /headers is a Map/],
  [
    'lists as header values',
    { topic: 't', value: 'x', headers: { a: ['b', 'c'] } },
    /\[\['name', 'a'\], \['name', 'b'\]\]/,
  ],
  [
    'a record that was read',
    { ...{ topic: 't', value: 'x' }, offset: 5 },
    /no offset\. Of a record that was read, copy/,
  ],
  ['nothing', undefined, /A record must be an object, not undefined/],
]

test('a record that would be stored as something else is refused at the call, alone', async () => {
  const runtime = fakeRuntime()
  const tiny = new TinyCluster(runtime.network, 1)
  const [partition] = tiny.createTopic('t', 1)
  const producer = new Producer({ bootstrapServers: tiny.bootstrapServers, runtime })
  for (const [what, record, ...words] of misfits) {
    const bad = record as ProducerRecord
    const [before, failed, many, after] = [
      producer.send({ topic: 't', value: `${what} 1` }),
      producer.send(bad),
      producer.sendMany([{ topic: 't', value: 'not sent' }, bad]),
      producer.send({ topic: 't', value: `${what} 2` }),
    ]
    await assert.rejects(failed, (error) => isInvalid(error, words), what)
    await assert.rejects(many, (error) => isInvalid(error, words), what)
    await runtime.clock.until(Promise.all([before, after]))
  }
  assert.deepEqual(
    partition!.values,
    misfits.flatMap(([what]) => [`${what} 1`, `${what} 2`]),
  )
  await assert.rejects(producer.sendMany({ topic: 't', messages: [] } as never), /sendMany takes a list of records/)
})

test('a record that waits for its topic is what it was at the call', async () => {
  const runtime = fakeRuntime()
  const tiny = new TinyCluster(runtime.network, 1)
  const [partition] = tiny.createTopic('t', 1)
  const producer = new Producer({ bootstrapServers: tiny.bootstrapServers, runtime })
  const record = { topic: 't', value: 'at the call', timestamp: 5 }
  const sending = producer.send(record)
  Object.assign(record, { value: 'later', timestamp: Number.NaN })
  assert.equal((await runtime.clock.until(sending)).timestamp, 5)
  assert.deepEqual(partition!.values, ['at the call'])
})

test('all that protocol and types allow is taken: text, bytes of any realm, null, all timestamps', async () => {
  const runtime = fakeRuntime()
  const tiny = new TinyCluster(runtime.network, 1)
  const [partition] = tiny.createTopic('t', 1)
  const producer = new Producer({ bootstrapServers: tiny.bootstrapServers, runtime })
  const foreign = runInContext('new Uint8Array([97])', createContext({})) as Uint8Array
  const records: ProducerRecord[] = [
    { topic: 't', value: 'text', timestamp: 0 },
    { topic: 't', value: Buffer.from('bytes'), timestamp: Number.MAX_SAFE_INTEGER },
    { topic: 't', key: foreign, value: foreign },
    { topic: 't', key: null, value: 'x', headers: { a: 'b', c: null }, partition: 0 },
    { topic: 't', value: 'y', headers: [['a', 'b'], { key: 'a', value: foreign }] },
    { topic: 't', value: null },
  ]
  await runtime.clock.until(producer.sendMany(records))
  assert.deepEqual(partition!.values, ['text', 'bytes', 'a', 'x', 'y', 'null'])
})

test('a rebalance listener with no call, or a misspelt one, is refused; an instance may have more in it', async () => {
  const consumer = new Consumer({ bootstrapServers, groupId: 'g' })
  const listen = (listener: unknown) => () => consumer.setRebalanceListener(listener as never)
  for (const listener of [{}, { onAssign: () => undefined }, undefined, 'onPartitionsLost', { onPartitionsLost: 1 }])
    refuses(listen(listener), /an object with onPartitionsAssigned, onPartitionsRevoked or onPartitionsLost, or null/)
  refuses(
    listen({ onPartitionsRevoked: () => undefined, onPartitionAssigned: () => undefined }),
    /setRebalanceListener/,
  )
  class Application {
    name = 'orders'
    onPartitionsAssigned() {
      return this.name
    }
  }
  listen(new Application())()
  listen(null)()
  await consumer.close()
})
