import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { loadModules } from '../../src/index.js'
import { type Finding, grave, Scene } from './scene.js'

before(loadModules)

const [second, minute] = [1_000, 60_000]

/** The finding of this check; there must be one. */
function found(findings: readonly Finding[], check: string): Finding {
  const finding = findings.find((each) => each.check === check)
  assert.ok(finding, `no ${check} in ${findings.map((each) => each.check).join(', ')}`)
  return finding
}

function evidenceOf(finding: Finding): Record<string, number | string> {
  return Object.fromEntries(finding.evidence.map(({ text, value }) => [text, value]))
}

/** So many records in each partition. */
async function fill(scene: Scene, partitions: number, count: number): Promise<void> {
  const producer = scene.producer()
  for (let partition = 0; partition < partitions; partition++)
    await producer.sendMany(Array.from({ length: count }, (_, at) => ({ topic: 'orders', partition, value: `${at}` })))
  await producer.close()
}

test('1: a handler that sleeps beyond max_poll_interval_ms, thrice', async () => {
  await Scene.play({}, async (scene) => {
    await scene.topic('orders', 1)
    let sleeps = 3
    scene.member('order-0', {
      maxPollIntervalMs: 10 * second,
      handle: async () => {
        if (sleeps-- > 0) await scene.wait(15 * second)
      },
    })
    await fill(scene, 1, 10)
    await scene.wait(2 * minute)
    const findings = await scene.findings()
    assert.deepEqual(grave(findings), ['critical poll-timeout'])
    const finding = found(findings, 'poll-timeout')
    assert.match(finding.subject.member ?? '', /^order-0/)
    const records = finding.config.find(({ key }) => key === 'max_poll_records')
    assert.ok(Number(records?.suggested) < 500, `${records?.suggested}`)
    assert.ok(Number(evidenceOf(finding)['between two polls, at least']) >= 14)
  })
})

test('2: a member that stands still beyond its session, and goes on', async () => {
  await Scene.play({}, async (scene) => {
    await scene.topic('orders', 1)
    await fill(scene, 1, 10)
    const { life } = scene.member('order-0', { autoCommitIntervalMs: 20 * second, sessionTimeoutMs: 12 * second })
    await scene.wait(30 * second)
    await fill(scene, 1, 2_000)
    await scene.wait(5 * second)
    life.pause()
    await scene.wait(25 * second)
    life.resume()
    await scene.wait(20 * second)
    const findings = await scene.findings()
    assert.deepEqual(grave(findings), [])
    assert.equal(evidenceOf(found(findings, 'session-expired')).verdict, 'paused')
    assert.equal(evidenceOf(found(findings, 'redelivered-after-crash'))['read, and not committed'], 2_000)
  })
})

test('3: a member that is killed and started five times', async () => {
  await Scene.play({}, async (scene) => {
    await scene.topic('orders', 2)
    const sessions = { sessionTimeoutMs: 6 * second, heartbeatIntervalMs: 1.5 * second }
    scene.member('order-0', sessions)
    let { life } = scene.member('order-1', sessions)
    for (let times = 0; times < 5; times++) {
      await scene.wait(20 * second)
      life.die()
      await scene.wait(second)
      ;({ life } = scene.member('order-1', sessions))
    }
    await scene.wait(20 * second)
    const findings = await scene.findings()
    assert.deepEqual(grave(findings), ['warning restart-churn'])
    const finding = found(findings, 'restart-churn')
    assert.equal(evidenceOf(finding).times, 5)
    assert.deepEqual(
      finding.config.map(({ key }) => key),
      ['group_instance_id'],
    )
  })
})

test('4: a static member that is killed is away until it is given up', async () => {
  await Scene.play({}, async (scene) => {
    await scene.topic('orders', 2)
    scene.member('order-0')
    const { life } = scene.member('order-1', { groupInstanceId: 'one' })
    await scene.wait(30 * second)
    assert.deepEqual(grave(await scene.findings()), [])
    life.die()
    await scene.wait(15 * second)
    const away = await scene.findings()
    assert.deepEqual(grave(away), ['warning static-member-away'])
    const left = Number(evidenceOf(found(away, 'static-member-away'))['it is given up in'])
    assert.ok(left > 26 && left <= 30, `${left}`)
    await scene.wait(40 * second)
    assert.deepEqual(grave(await scene.findings()), [])
  })
})

test('9: a group that is stopped while its records are kept for a short time', async () => {
  await Scene.play({ log_retention_check_interval_ms: minute }, async (scene) => {
    await scene.topic('orders', 1, { 'retention.ms': `${40 * minute}` })
    const producer = scene.producer()
    const { life } = scene.member('order-0')
    await producer.send({ topic: 'orders', value: 'read' })
    await scene.wait(minute)
    life.die()
    for (let at = 0; at < 7; at++) await producer.send({ topic: 'orders', value: `${at}` })
    await scene.wait(11 * minute)
    assert.deepEqual(grave(await scene.findings()), ['critical nobody-reads'])
    await scene.wait(22 * minute)
    assert.deepEqual(grave(await scene.findings()), ['critical nobody-reads', 'critical retention-close'])
    await scene.wait(20 * minute)
    const findings = await scene.findings()
    assert.deepEqual(grave(findings), ['critical offset-before-start'])
    assert.equal(evidenceOf(found(findings, 'offset-before-start')).lost, 7)
  })
})

test('11: two members of eight partitions, and three times what one of them can handle', async () => {
  await Scene.play({}, async (scene) => {
    await scene.topic('orders', 8)
    for (const name of ['order-0', 'order-1']) {
      const handle = () => scene.wait(0.9 * second)
      scene.member(name, { maxPollRecords: 10, handle })
    }
    const producer = scene.producer()
    for (let at = 0; at < 180; at++) {
      await producer.sendMany(
        Array.from({ length: 32 }, (_, index) => ({ topic: 'orders', partition: index % 8, value: 'x' })),
      )
      await scene.wait(second)
    }
    const findings = await scene.findings()
    assert.deepEqual(grave(findings), ['warning falling-behind', 'warning slow-handler', 'warning too-few-members'])
    assert.equal(evidenceOf(found(findings, 'too-few-members'))['members that it takes'], 3)
  })
})
