import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { loadModules } from '../../src/index.js'
import { grave, Scene } from './scene.js'

before(loadModules)

const minute = 60_000
const hour = 3_600_000

test('5: six members of four partitions: two of them are idle', async () => {
  await Scene.play({}, async (scene) => {
    await scene.topic('orders', 4)
    for (let number = 0; number < 6; number++) scene.member(`order-${number}`)
    await scene.wait(2 * minute)
    const findings = await scene.findings()
    assert.deepEqual(grave(findings), [])
    assert.match(findings.find(({ check }) => check === 'idle-members')!.title, /^2 of 6 members/)
  })
})

test('6: two cooperative members and one that knows range alone: it is named', async () => {
  await Scene.play({}, async (scene) => {
    await scene.topic('orders', 6)
    for (const name of ['order-0', 'order-1']) scene.member(name, { partitionAssignmentStrategy: 'cooperative_sticky' })
    scene.member('old-order', { partitionAssignmentStrategy: 'range' })
    await scene.wait(2 * minute)
    const findings = await scene.findings()
    assert.deepEqual(grave(findings), ['warning eager-by-mix'])
    const [mix] = findings
    assert.match(JSON.stringify(mix), /old-order/)
    assert.deepEqual(
      mix!.config.map(({ key, suggested }) => `${key}: ${suggested}`),
      ['partition_assignment_strategy: cooperative_sticky'],
    )
  })
})

test('7: one key makes nine tenths of what comes', async () => {
  await Scene.play({}, async (scene) => {
    await scene.topic('orders', 6)
    for (const name of ['order-0', 'order-1', 'order-2']) scene.member(name)
    const producer = scene.producer()
    for (let round = 0; round < 45; round++) {
      const records = Array.from({ length: 200 }, (_, at) => {
        return { topic: 'orders', key: at % 10 === 0 ? `customer-${round}-${at}` : 'customer-7', value: 'x' }
      })
      await producer.sendMany(records)
      await scene.wait(1_000)
    }
    // Brokers read no keys for a diagnosis; that rivvenctl does, and finds this one: e2e/cli-doctor.
    assert.deepEqual(grave(await scene.findings()), ['warning hot-partition'])
  })
})

test('8: a handler throws at one record for ever', async () => {
  await Scene.play({}, async (scene) => {
    await scene.topic('orders', 4)
    for (const name of ['order-0', 'order-1'])
      scene.member(name, {
        handle: async (records, consumer) => {
          const bad = records.find(({ partition, offset }) => partition === 1 && offset >= 5)
          if (bad) consumer.seek({ topic: 'orders', partition: 1, offset: 5 })
          await scene.wait(1_000)
        },
      })
    const producer = scene.producer()
    for (let round = 0; round < 40; round++) {
      await producer.sendMany([0, 1, 2, 3].map((partition) => ({ topic: 'orders', partition, value: `${round}` })))
      await scene.wait(5_000)
    }
    const findings = await scene.findings()
    assert.deepEqual(grave(findings), ['critical stuck-partition'])
    const { topic, partition } = findings[0]!.subject
    assert.deepEqual([topic, partition, findings[0]!.evidence[0]!.value], ['orders', 1, 5])
    const statuses = (await scene.lag()).map(({ status }) => status)
    // Our client does not commit again what it has committed.
    assert.equal(statuses[1], 'STOP')
    assert.deepEqual([statuses[0], statuses[2], statuses[3]], ['OK', 'OK', 'OK'])
  })
})

test('10: a producer leaves a transaction open', async () => {
  await Scene.play({}, async (scene) => {
    await scene.topic('orders', 1)
    scene.member('order-0', { isolationLevel: 'read_committed' })
    const producer = scene.producer({ transactionalId: 'copier-0', transactionTimeoutMs: 10 * minute })
    const transaction = await producer.beginTransaction()
    await transaction.send({ topic: 'orders', value: 'x' })
    await scene.wait(30_000)
    assert.deepEqual(grave(await scene.findings()), [])
    const heldBack = async () => {
      const [row] = await scene.lag()
      assert.equal(row!.lagSeconds, 0)
      return row!.heldBackSeconds!
    }
    const before = await heldBack()
    await scene.wait(minute)
    const findings = await scene.findings()
    assert.deepEqual(grave(findings), ['warning transaction-holds-readers'])
    assert.match(findings[0]!.title, /copier-0/)
    assert.ok((await heldBack()) >= before + 60)
  })
})

test('12: three members of a quiet topic, a record an hour: all is well, all day', async () => {
  // What looks around less often makes a day shorter.
  await Scene.play({ lag_sample_interval_ms: minute }, async (scene) => {
    await scene.topic('orders', 3)
    const calm = { heartbeatIntervalMs: 4 * minute, sessionTimeoutMs: 15 * minute, restMs: 4 * minute }
    for (const name of ['order-0', 'order-1', 'order-2'])
      scene.member(name, { ...calm, handle: (_, consumer) => consumer.commit() })
    const producer = scene.producer()
    for (let at = 0; at < 24; at++) {
      await producer.send({ topic: 'orders', partition: at % 3, value: `${at}` })
      await scene.wait(hour)
      assert.deepEqual(grave(await scene.findings()), [], `after ${at + 1} h`)
      for (const { status } of await scene.lag()) assert.equal(status ?? 'OK', 'OK')
    }
  })
})
