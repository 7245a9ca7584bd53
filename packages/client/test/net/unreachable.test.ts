import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { fakeRuntime } from '@rivven/fakes'
import {
  Admin,
  type AdminOptions,
  Consumer,
  NoBrokerReachableError,
  Producer,
  type RivvenError,
} from '../../src/index.js'
import { TinyCluster } from '../support/tiny-cluster.js'

const bootstrapServers = 'broker-0:9000'
const both = ['broker-0:9000', 'broker-1:9001']

function nobody(options: Partial<AdminOptions> = {}) {
  const runtime = fakeRuntime()
  runtime.network.down.add(bootstrapServers)
  return { runtime, clock: runtime.clock, options: { bootstrapServers, runtime, ...options } }
}

/** What the call throws, and how long it took. */
async function failureOf(clock: ReturnType<typeof fakeRuntime>['clock'], call: Promise<unknown>) {
  const before = clock.monotonic()
  const error: RivvenError = await clock.until(
    call.then(
      () => assert.fail('it succeeded'),
      (error) => error,
    ),
  )
  return { error, afterMs: clock.monotonic() - before }
}

test('every call with nobody there ends after 10 s, and says what stands in the way', async () => {
  const { clock, options } = nobody()
  const admin = new Admin(options)
  const producer = new Producer(options)
  const consumer = new Consumer({ ...options, groupId: 'g' })
  await consumer.subscribe('orders')
  const calls: Record<string, () => Promise<unknown>> = {
    describeCluster: () => admin.describeCluster(),
    listTopics: () => admin.listTopics(),
    createTopics: () => admin.createTopics([{ name: 'orders' }]),
    describeGroups: () => admin.describeGroups(['g']),
    send: () => producer.send({ topic: 'orders', value: 'x' }),
    sendMany: () => producer.sendMany([{ topic: 'orders', value: 'x' }]),
    poll: () => consumer.poll(60_000),
    committed: () => consumer.committed([{ topic: 'orders', partition: 0 }]),
    endOffsets: () => consumer.endOffsets([{ topic: 'orders', partition: 0 }]),
  }
  for (const [name, call] of Object.entries(calls)) {
    const { error, afterMs } = await failureOf(clock, call())
    assert.ok(error instanceof NoBrokerReachableError, `${name}: ${error.message}`)
    assert.equal(error.code, 'NO_BROKER_REACHABLE')
    assert.ok(afterMs <= 10_000, `${name} took ${afterMs} ms`)
    assert.match(error.message, /^No broker could be reached at broker-0:9000\. .*connection refused/)
    assert.equal(error.retriable, true)
    assert.equal(error.hint, 'Check bootstrapServers, and that a broker runs there.')
    assert.equal(error.message.split(error.hint!).length, 2)
    const cause = error.cause as RivvenError
    assert.equal(cause.code, 'CONNECTION_FAILED')
    assert.equal((cause.cause as NodeJS.ErrnoException).code, 'ECONNREFUSED')
  }
})

test('where no name can be found calls end at once, and the consumer polls on without haste', async () => {
  const { clock, runtime, options } = nobody()
  runtime.network.down.clear()
  runtime.network.unknownHosts.add('broker-0')
  const warned: string[] = []
  const consumer = new Consumer({ ...options, groupId: 'g', logger: { warn: (text) => void warned.push(text) } })
  await consumer.subscribe('orders')
  for (const call of [
    () => new Admin(options).listTopics(),
    () => new Producer(options).send({ topic: 'orders', value: 'x' }),
    () => consumer.poll(60_000),
  ]) {
    const { error, afterMs } = await failureOf(clock, call())
    assert.ok(error instanceof NoBrokerReachableError, error.message)
    assert.match(error.message, /there is no such host \(ENOTFOUND\)/)
    assert.equal(((error.cause as RivvenError).cause as NodeJS.ErrnoException).code, 'ENOTFOUND')
    assert.equal(error.retriable, false)
    assert.ok(afterMs < 100, `it took ${afterMs} ms`)
  }
  const before = clock.monotonic()
  for (let round = 0; round < 10; round++) await failureOf(clock, consumer.poll(60_000))
  assert.ok(clock.monotonic() - before > 1000, `ten polls in ${clock.monotonic() - before} ms`)
  assert.deepEqual(warned, [])
})

test('one name that is known keeps calls trying, and so does a cluster that was there before', async () => {
  const { clock, runtime, options } = nobody({ bootstrapServers: both })
  runtime.network.unknownHosts.add('broker-1')
  const admin = new Admin(options)
  const first = await failureOf(clock, admin.listTopics())
  assert.ok(first.afterMs > 5000, `it took ${first.afterMs} ms`)
  runtime.network.down.clear()
  new TinyCluster(runtime.network, 1)
  await clock.until(admin.listTopics())
  runtime.network.unknownHosts.add('broker-0')
  for (const end of runtime.network.connections) end.close()
  const { afterMs } = await failureOf(clock, admin.listTopics())
  assert.ok(afterMs > 5000, `it took ${afterMs} ms`)
})

test('that nobody is there is told at once, once, by the logger and by health; and that somebody is again', async () => {
  const { clock, runtime, options } = nobody()
  new TinyCluster(runtime.network, 1)
  const warned: string[] = []
  const logger = { warn: (text: string) => void warned.push(text) }
  const consumer = new Consumer({ ...options, logger, allowAutoCreate: false })
  await consumer.assign([{ topic: 'orders', partition: 0 }])
  const polling = consumer.poll(60_000)
  await clock.advance(0)
  assert.equal(warned.length, 1)
  assert.match(warned[0]!, /^No broker could be reached at broker-0:9000\. .*refused.* It is tried again\.$/)
  assert.match(consumer.health().trouble!.message, /connection refused/)
  assert.equal(consumer.health().isHealthy, false)
  await clock.advance(4000)
  assert.equal(warned.length, 1)
  runtime.network.down.clear()
  await clock.advance(2000)
  assert.match(warned[1]!, /^The broker at broker-0:9000 can be reached, after \d s without any\.$/)
  assert.doesNotMatch(consumer.health().trouble!.message, /refused/)
  const closing = consumer.close()
  await clock.until(Promise.all([polling, closing]))
})

test('a record that waits while its broker is away is told of at once', async () => {
  const { clock, runtime, options } = nobody()
  runtime.network.down.clear()
  new TinyCluster(runtime.network, 1).createTopic('orders', 1)
  const warned: string[] = []
  const producer = new Producer({ ...options, logger: { warn: (text) => void warned.push(text) } })
  await clock.until(producer.send({ topic: 'orders', value: 'before' }))
  runtime.network.down.add(bootstrapServers)
  for (const end of runtime.network.connections) end.close()
  const sending = producer.send({ topic: 'orders', value: 'during' })
  await clock.advance(500)
  assert.match(warned.join(), /^No broker could be reached at broker-0:9000/)
  runtime.network.down.clear()
  assert.equal((await clock.until(sending)).offset, 1)
})

test('a send whose time is up before anybody is reached says why nobody is', async () => {
  const runtime = fakeRuntime()
  runtime.network.silent.add(bootstrapServers)
  const options = { bootstrapServers, runtime, maxBlockMs: 3000, unreachableTimeoutMs: 1000 }
  const { error, afterMs } = await failureOf(runtime.clock, new Producer(options).send({ topic: 'orders', value: 'x' }))
  assert.match(error.message, /Connecting to broker-0:9000 took longer than 1000 ms/)
  assert.ok(afterMs <= 4000, `it took ${afterMs} ms`)
})

test('a consumer that polls on after nobody was there is told each time that it was tried again', async () => {
  const { clock, options } = nobody()
  const consumer = new Consumer({ ...options, groupId: 'g' })
  await consumer.subscribe('orders')
  const times: number[] = []
  for (let round = 0; round < 3; round++) times.push((await failureOf(clock, consumer.poll(60_000))).afterMs)
  assert.ok(
    times.every((ms) => ms > 5000 && ms <= 11_000),
    `polls threw after ${times.join(', ')} ms`,
  )
})

test('unreachableTimeoutMs says how long calls go on with nobody there', async () => {
  const { clock, options } = nobody({ unreachableTimeoutMs: 3000 })
  const admin = new Admin(options)
  assert.ok((await failureOf(clock, admin.listTopics())).afterMs <= 3000)
  const { afterMs } = await failureOf(clock, admin.listTopics())
  assert.ok(afterMs > 1000 && afterMs <= 3000, `the second call tried for ${afterMs} ms`)
})

test('a call goes on when a broker appears in time', async () => {
  const { clock, runtime, options } = nobody()
  new TinyCluster(runtime.network, 1)
  const admin = new Admin(options)
  const listing = admin.listTopics()
  await clock.advance(8000)
  runtime.network.down.clear()
  assert.deepEqual(await clock.until(listing), [])
})

test('a host that neither takes nor refuses connections holds up neither the next one nor the end', async () => {
  const runtime = fakeRuntime()
  new TinyCluster(runtime.network, 2)
  runtime.network.silent.add('broker-0:9000')
  const admin = new Admin({ bootstrapServers: both, runtime })
  const before = runtime.clock.monotonic()
  await runtime.clock.until(admin.describeCluster())
  assert.ok(runtime.clock.monotonic() - before <= 5000)
  runtime.network.silent.add('broker-1:9001')
  const other = new Admin({ bootstrapServers: both, runtime })
  const { error, afterMs } = await failureOf(runtime.clock, other.describeCluster())
  assert.match(error.message, /took longer than 5000 ms/)
  assert.ok(afterMs <= 10_000, `it took ${afterMs} ms`)
})

test('records that were taken before the brokers went away have all of their delivery timeout', async () => {
  const { clock, runtime, options } = nobody()
  runtime.network.down.clear()
  const tiny = new TinyCluster(runtime.network, 1)
  tiny.createTopic('orders', 1)
  const producer = new Producer(options)
  await clock.until(producer.send({ topic: 'orders', value: 'before' }))
  runtime.network.down.add(bootstrapServers)
  for (const end of runtime.network.connections) end.close()
  const sending = producer.send({ topic: 'orders', value: 'during' })
  await clock.advance(60_000)
  runtime.network.down.clear()
  assert.equal((await clock.until(sending)).offset, 1)
})

test('a controller that went away is looked for again', async () => {
  const { clock, runtime, options } = nobody()
  runtime.network.down.clear()
  new TinyCluster(runtime.network, 2)
  const admin = new Admin({ ...options, bootstrapServers: both })
  await clock.until(admin.describeCluster())
  for (const name of both) runtime.network.down.add(name)
  for (const end of runtime.network.connections) end.close()
  const { error, afterMs } = await failureOf(clock, admin.createTopics([{ name: 'orders' }]))
  assert.equal(error.code, 'NO_BROKER_REACHABLE')
  assert.ok(afterMs <= 11_000, `it took ${afterMs} ms`)
})

test('a closed client says so, also to the calls that wait', async () => {
  const { clock, options } = nobody()
  const admin = new Admin(options)
  const waiting = failureOf(clock, admin.listTopics())
  await clock.advance(100)
  await admin.close()
  assert.equal((await waiting).error.code, 'CLIENT_CLOSED')
  const late = await failureOf(clock, admin.describeCluster())
  assert.equal(late.error.code, 'CLIENT_CLOSED')
  assert.equal(late.afterMs, 0)
})

/** The address of a server of another kind. */
async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

for (const { kind, server, says } of [
  { kind: 'HTTP', server: () => createHttpServer(), says: /speaks HTTP, not Kafka's protocol/ },
  {
    kind: 'TLS with an alert',
    server: () => createServer((socket) => socket.on('data', () => socket.end(Buffer.from('15030300020246', 'hex')))),
    says: /speaks TLS, not Kafka's protocol\. Give ssl, or the port of a listener without TLS/,
  },
  { kind: 'TLS that says nothing', server: () => createTlsServer(), says: /A listener with TLS does so: give ssl/ },
  {
    kind: 'a server that hangs up',
    server: () => createServer((socket) => socket.on('data', () => socket.end())),
    says: /ended the connection before its first answer/,
  },
]) {
  test(`${kind} on that port is told by name`, async (context) => {
    const other = server()
    const bootstrapServers = await listening(other)
    const admin = new Admin({ bootstrapServers, unreachableTimeoutMs: 300 })
    context.after(() => {
      other.close()
      return admin.close()
    })
    await assert.rejects(admin.listTopics(), (error: RivvenError) => {
      assert.equal(error.code, 'NO_BROKER_REACHABLE')
      assert.match(error.message, says)
      return true
    })
  })
}

test('a host that does not exist and a port where nobody listens are told by name', async (context) => {
  const gone = createServer()
  const refused = await listening(gone)
  await new Promise((resolve) => gone.close(resolve))
  const admin = new Admin({ bootstrapServers: [refused, 'no-such-host.invalid'], unreachableTimeoutMs: 1000 })
  context.after(() => admin.close())
  await assert.rejects(admin.listTopics(), (error: RivvenError) => {
    assert.match(error.message, /connection refused, nothing listens there \(ECONNREFUSED\)/)
    assert.match(error.message, /no such host \(ENOTFOUND\)|cannot be looked up at present \(EAI_AGAIN\)/)
    return true
  })
})
