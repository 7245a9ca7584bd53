import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { Admin, Consumer, Producer } from '@rivven/client'
import { type RivvenClusterOptions, RivvenTestingError, startRivvenCluster } from '@rivven/testing'
import { eventually } from '../support/eventually.js'

async function produceTo(bootstrapServers: string, values: readonly string[]): Promise<void> {
  const producer = new Producer({ bootstrapServers })
  await Promise.all(values.map((value, at) => producer.send({ topic: 'orders', partition: at % 6, value })))
  await producer.close()
}

async function readAll(bootstrapServers: string, count: number): Promise<string[]> {
  const consumer = new Consumer({ bootstrapServers, groupId: 'readers', autoOffsetReset: 'earliest' })
  await consumer.subscribe('orders')
  const values: string[] = []
  for await (const { value } of consumer) if (values.push(String(value)) === count) break
  await consumer.close()
  return values.sort()
}

test('three brokers share the partitions of a topic, and whoever knows one of them reaches all', async (context) => {
  const beganAt = performance.now()
  await using cluster = await startRivvenCluster({ config: { num_partitions: 6 } })
  // The goal is 300 ms on a quiet machine.
  context.diagnostic(`three brokers are ready in ${Math.round(performance.now() - beganAt)} ms`)
  assert.deepEqual(
    cluster.brokers.map(({ id, isRunning }) => ({ id, isRunning })),
    [1, 2, 3].map((id) => ({ id, isRunning: true })),
  )
  assert.equal(cluster.bootstrapServers, cluster.brokers.map(({ bootstrapServers }) => bootstrapServers).join(','))
  const values = ['a', 'b', 'c', 'd', 'e', 'f']
  await produceTo(cluster.brokers[1]!.bootstrapServers, values)
  assert.deepEqual(
    values.map((_, partition) => cluster.leaderOf('orders', partition)),
    [1, 2, 3, 1, 2, 3],
  )
  assert.equal(cluster.leaderOf('orders', 6), null)
  assert.deepEqual(await readAll(cluster.brokers[2]!.bootstrapServers, 6), values)
})

test('what a killed broker led is led by others at once, with all that was acknowledged; restart brings it its share', async () => {
  await using cluster = await startRivvenCluster({ config: { num_partitions: 6 } })
  const values = ['a', 'b', 'c', 'd', 'e', 'f']
  await produceTo(cluster.bootstrapServers, values)
  const { bootstrapServers } = cluster.brokers[1]!
  await cluster.kill(2)
  assert.equal(cluster.brokers[1]!.isRunning, false)
  assert.deepEqual(await readAll(cluster.bootstrapServers, 6), values)
  assert.deepEqual([...new Set(leaders(cluster))].sort(), [1, 3])
  await cluster.restart(2)
  assert.equal(cluster.brokers[1]!.bootstrapServers, bootstrapServers)
  await eventually(() => assert.equal(leaders(cluster).filter((leader) => leader === 2).length, 2))
})

test('a drained broker leads nothing and goes on; undrained it gets its share', async () => {
  await using cluster = await startRivvenCluster({ config: { num_partitions: 6 } })
  await produceTo(cluster.bootstrapServers, ['a'])
  await cluster.drain(1)
  assert.deepEqual([...new Set(leaders(cluster))].sort(), [2, 3])
  await produceTo(cluster.brokers[0]!.bootstrapServers, ['b', 'c', 'd'])
  await cluster.drain(1)
  await cluster.drain(2)
  assert.deepEqual([...new Set(leaders(cluster))], [3])
  await assert.rejects(cluster.drain(3), ours('INVALID_STATE', /Nobody is there to take what broker 3 leads/))
  await cluster.undrain(1)
  await eventually(() => assert.deepEqual([...new Set(leaders(cluster))].sort(), [1, 3]))
})

test('all brokers may be killed at once, and come back with what was stored', async () => {
  await using cluster = await startRivvenCluster({ brokers: 2, config: { num_partitions: 6 } })
  await produceTo(cluster.bootstrapServers, ['a', 'b', 'c'])
  await Promise.all([cluster.kill(1), cluster.kill(2)])
  await Promise.all([cluster.restart(2), cluster.restart(1)])
  assert.deepEqual(await readAll(cluster.bootstrapServers, 3), ['a', 'b', 'c'])
})

test('a broker that runs is restarted in order: clients with acks all lose nothing', async () => {
  await using cluster = await startRivvenCluster({ config: { num_partitions: 6 } })
  const producer = new Producer({ bootstrapServers: cluster.bootstrapServers })
  for (const id of [1, 2, 3]) {
    const restarted = cluster.restart(id)
    for (let at = 0; at < 6; at++) await producer.send({ topic: 'orders', partition: at, value: `${id}-${at}` })
    await restarted
  }
  await producer.close()
  assert.equal(new Set(await readAll(cluster.bootstrapServers, 18)).size, 18)
})

test('options and arguments that make no sense are refused, each with what to write', async () => {
  const start = (options: unknown) => startRivvenCluster(options as RivvenClusterOptions)
  await assert.rejects(start({ nodes: 3 }), ours('INVALID_ARGUMENT', /nodes.*brokers: 3/))
  await assert.rejects(start({ dataDir: '/tmp' }), ours('INVALID_ARGUMENT', /dataDir.*memory/))
  for (const brokers of [0, 17, 1.5, '3']) await assert.rejects(start({ brokers }), ours('INVALID_ARGUMENT', /brokers/))
  await assert.rejects(start({ config: { node_id: 4 } }), ours('INVALID_ARGUMENT', /node_id.*1, 2/))
  await assert.rejects(start({ config: { num_partition: 6 } }), ours('INVALID_CONFIG', /num_partitions/))
  await assert.rejects(start({ config: { lease_ms: 1000 } }), ours('INVALID_CONFIG', /lease_renew_ms.*quarter/))
  await using cluster = await startRivvenCluster({ brokers: 2 })
  for (const call of ['kill', 'restart', 'drain', 'undrain'] as const) {
    await assert.rejects(cluster[call](3), ours('INVALID_ARGUMENT', /no broker 3.*1 to 2/))
    await assert.rejects(cluster[call]('1' as never), ours('INVALID_ARGUMENT', /no broker 1.*1 to 2/))
  }
  await cluster.kill(1)
  await cluster.kill(1)
  await assert.rejects(cluster.drain(1), ours('INVALID_STATE', /does not run.*restart\(1\)/))
})

test('an address that cannot be had ends the start of all with a sentence', async (context) => {
  const listen = await takenAddress(context)
  await assert.rejects(startRivvenCluster({ config: { listen } }), ours('START_FAILED', /in use.*config\.listen/))
})

test('a closed cluster stays closed: calls say so, close may be called again', async () => {
  const cluster = await startRivvenCluster({ brokers: 2 })
  const restarting = cluster.restart(1)
  await Promise.all([cluster.close(), restarting, cluster.close()])
  await assert.rejects(cluster.restart(1), ours('INVALID_STATE', /was closed.*startRivvenCluster/))
  const logger = { warn: () => undefined }
  const admin = new Admin({ bootstrapServers: cluster.bootstrapServers, unreachableTimeoutMs: 100, logger })
  await assert.rejects(admin.listTopics(), { code: 'NO_BROKER_REACHABLE' })
})

test('a cluster that nobody closed, with a broker that was killed, does not keep its process alive', async () => {
  const testing = JSON.stringify(import.meta.resolve('@rivven/testing'))
  const program = `
    const { startRivvenCluster } = await import(${testing})
    const cluster = await startRivvenCluster()
    await cluster.kill(3)
    console.log('left open')`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  assert.equal(stdout, 'left open\n')
})

function leaders(cluster: { leaderOf(topic: string, partition: number): number | null }): (number | null)[] {
  return [0, 1, 2, 3, 4, 5].map((partition) => cluster.leaderOf('orders', partition))
}

async function takenAddress(context: TestContext): Promise<string> {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  context.after(() => taken.close())
  return `127.0.0.1:${(taken.address() as { port: number }).port}`
}

function ours(code: string, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof RivvenTestingError, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, message)
    return true
  }
}
