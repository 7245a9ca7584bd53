import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { Admin, Consumer, type ConsumerOptions, Producer } from '@rivven/client'
import { brokerProcess } from '../support/broker-process.js'
import { eventually } from '../support/eventually.js'
import { read } from './cluster-under-test.js'

const brokerConfig = { group_initial_rebalance_delay_ms: 0, group_min_session_timeout_ms: 400, log_level: 'error' }
/** Long enough for a machine on which the thread of heartbeats has to wait for its turn. */
const sessionTimeoutMs = 2000
const quick = { heartbeatIntervalMs: 100, sessionTimeoutMs, autoOffsetReset: 'earliest' } as const

/** What an application does that computes: nothing else happens on this thread. */
function compute(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** Computes until the other member has written that it owns this many partitions. */
function computeUntilOwned(report: string, count: number): void {
  const hasThem = () => readFileSync(report, 'utf8').split('\n').includes(`${count}`)
  for (let rounds = 0; !hasThem() && rounds < 3000; rounds++) compute(20)
  assert.ok(hasThem(), `the other member owned ${readFileSync(report, 'utf8').split('\n')}`)
}

async function memberAt(bootstrapServers: string, options: Partial<ConsumerOptions>) {
  const topic = 'orders'
  const admin = new Admin({ bootstrapServers })
  const producer = new Producer({ bootstrapServers })
  await admin.createTopics([{ name: topic, partitions: 2, replicationFactor: 1 }])
  for (const partition of [0, 1]) for (const value of ['a', 'b', 'c']) await producer.send({ topic, partition, value })
  await producer.close()
  const consumer = new Consumer({ bootstrapServers, groupId: 'busy', ...quick, maxPollRecords: 2, ...options })
  await consumer.subscribe([topic])
  await read(consumer, 2)
  return { consumer, topic, admin }
}

test('an application that computes for several session timeouts stays a member, and goes on where it was', async () => {
  await using broker = await brokerProcess(brokerConfig)
  const { consumer, admin } = await memberAt(broker.bootstrapServers, {})
  const { generationId, memberId } = consumer
  compute(2.5 * sessionTimeoutMs)
  const rest = await read(consumer, 4)
  await consumer.commit()
  assert.deepEqual([consumer.generationId, consumer.memberId], [generationId, memberId])
  assert.equal(rest.length, 4)
  await Promise.all([consumer.close(), admin.close()])
})

test('an application that computes past maxPollIntervalMs loses its partitions meanwhile, and hears of it', async () => {
  await using broker = await brokerProcess(brokerConfig)
  const { bootstrapServers } = broker
  const { consumer, topic, admin } = await memberAt(bootstrapServers, {
    maxPollIntervalMs: 1000,
    enableAutoCommit: false,
  })
  const lost: number[] = []
  consumer.setRebalanceListener({ onPartitionsLost: (partitions) => lost.push(partitions.length) })
  const report = join(mkdtempSync(join(tmpdir(), 'rivven-busy-')), 'owned')
  writeFileSync(report, '')
  const program = [join(import.meta.dirname, 'other-member.js'), bootstrapServers, 'busy', topic, report]
  const other = spawn(process.execPath, program, { stdio: 'inherit' })
  while (readFileSync(report, 'utf8') === '' || consumer.assignment().length !== 1) await consumer.poll(20)
  computeUntilOwned(report, 2)

  const [partition] = consumer.assignment()
  await assert.rejects(consumer.commitOffsets([{ ...partition!, offset: 1 }]), {
    code: 'COMMIT_FAILED',
    message: /poll was not called for 1000 ms/,
  })
  assert.equal(consumer.memberId, '')
  await eventually(async () => {
    await consumer.poll(20)
    assert.equal(consumer.assignment().length, 1)
  })
  assert.equal(lost.at(-1), 1)
  await eventually(async () => {
    const reasons = (await admin.groupTimeline('busy')).map(({ reason }) => reason)
    assert.ok(
      reasons.some((reason) => reason?.includes('poll was not called for 1000 ms')),
      JSON.stringify(reasons),
    )
  })
  await Promise.all([consumer.close(), admin.close()])
  const gone = new Promise((done) => other.once('exit', done))
  other.kill('SIGTERM')
  await gone
  rmSync(dirname(report), { recursive: true })
})

test('records that were fetched before a computation that took too long are not returned after it', async () => {
  await using broker = await brokerProcess(brokerConfig)
  const { consumer, admin } = await memberAt(broker.bootstrapServers, {
    maxPollIntervalMs: 600,
    enableAutoCommit: false,
  })
  const { generationId } = consumer
  const seen: string[] = []
  let isLost = false
  consumer.setRebalanceListener({
    onPartitionsLost: () => {
      isLost = true
    },
  })
  compute(1200)
  for await (const { topic, partition, offset } of consumer) {
    assert.ok(isLost, `${topic}/${partition} ${offset} came before the loss was told`)
    seen.push(`${partition}/${offset}`)
    if (seen.length === 6) break
  }
  assert.ok(consumer.generationId > generationId)
  assert.deepEqual(seen.sort(), ['0/0', '0/1', '0/2', '1/0', '1/1', '1/2'])
  await Promise.all([consumer.close(), admin.close()])
})

test('a static member that computes for too long is given up only by its session timeout', async () => {
  await using broker = await brokerProcess(brokerConfig)
  const options = { maxPollIntervalMs: 600, groupInstanceId: 'one' }
  const { consumer, admin } = await memberAt(broker.bootstrapServers, options)
  const { memberId } = consumer
  compute(800)
  assert.equal(consumer.memberId, memberId, 'it keeps its id')
  await eventually(async () => {
    const { cause, culprit } = (await admin.groupTimeline('busy')).at(-1) ?? {}
    assert.deepEqual([cause, culprit?.groupInstanceId], ['session expired', 'one'])
  })
  await Promise.all([consumer.close(), admin.close()])
})

test('a consumer that was left open by code that failed does not keep the process alive, one that is waited for does', async () => {
  await using broker = await brokerProcess(brokerConfig)
  const code = `
    import assert from 'node:assert/strict'
    import { test } from 'node:test'
    import { Consumer, Producer } from '@rivven/client'
    const bootstrapServers = '${broker.bootstrapServers}'
    test('it fails', async () => {
      const consumer = new Consumer({ bootstrapServers, groupId: 'left-open', autoOffsetReset: 'earliest' })
      await consumer.subscribe(['left-open'])
      const producer = new Producer({ bootstrapServers })
      await producer.send({ topic: 'left-open', value: 'x' })
      await producer.close()
      while ((await consumer.poll(5000)).length === 0);
      assert.fail('as it should')
    })`
  const options = { encoding: 'utf8', timeout: 60_000, cwd: import.meta.dirname } as const
  const { status, stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', code], options)
  assert.deepEqual({ status, signal }, { status: 1, signal: null }, stdout)
  assert.match(stdout, /as it should/)
})

test('a process ends by itself when its consumers are closed', async () => {
  await using broker = await brokerProcess(brokerConfig)
  const code = `
    import { Consumer } from '@rivven/client'
    const consumers = ['a', 'b'].map((groupId) => new Consumer({ bootstrapServers: '${broker.bootstrapServers}', groupId }))
    for (const consumer of consumers) {
      await consumer.subscribe(['short'])
      while (consumer.state !== 'stable') await consumer.poll(20)
    }
    for (const consumer of consumers) await consumer.close()
    console.log('closed')`
  const options = { encoding: 'utf8', timeout: 60_000, cwd: import.meta.dirname } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], options)
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'closed\n', stderr: '' })
})
