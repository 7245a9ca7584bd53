import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Admin, Producer, RivvenError } from '@rivven/client'
import type { Finding, NotLookedAt } from '@rivven/doctor'
import { eventually } from '../support/eventually.js'
import { PuppetMember } from '../support/puppet-member.js'
import { assertPlainFailure, scene } from './cli-scene.js'
import { guardedScene } from './guarded-scene.js'

const minute = 60_000
/** The ten seconds between two looks are a tenth of one. */
const fast = { speed: 100 }
/** The machine may be busy. */
const calm = '--ignore broker-loop,disk'

/** As brokers of Apache Kafka, which do not know the call. */
async function kafka(t: TestContext) {
  asOnKafka(t)
  return scene()
}

function asOnKafka(t: TestContext): void {
  t.mock.method(Admin.prototype, 'call', async () => {
    throw new RivvenError('UNSUPPORTED_BY_BROKER', 'The broker does not know this.')
  })
}

type Scene = Awaited<ReturnType<typeof kafka>>

interface Told {
  groups: number
  findings: Finding[]
  notLookedAt: NotLookedAt[]
}

async function told(s: Scene, line = 'doctor'): Promise<Told> {
  return JSON.parse(await s.data(`${line} ${calm} -o json`, fast))
}

/** `severity check` of each finding. */
function named({ findings }: Told): string[] {
  return findings.map(({ severity, check }) => `${severity} ${check}`)
}

/** A group without members that has read nothing, and records that came so long ago. */
async function unread(s: Scene, agoMs: number): Promise<void> {
  await s.data('topic create orders --partitions 1')
  await s.data('group reset-offsets g --create -t orders --to-offset 0')
  const producer = new Producer({ bootstrapServers: s.bootstrapServers })
  for (const value of ['a', 'b', 'c']) await producer.send({ topic: 'orders', value, timestamp: Date.now() - agoMs })
  await producer.close()
}

test('where all is well nothing is found, and what nobody could look at is told', async (t) => {
  await using s = await kafka(t)
  await s.topicWith('orders', 2, 4)
  await s.member('g', 'orders')
  const { status, out, words } = await s.run('doctor', fast)
  assert.equal(status, 0, words)
  assert.match(out, /^Nothing found in 1 group\.\n\nNot looked at: .*needs telemetry/)
  assert.match(words, /Looking at 1 group, and again in 10 s/)
  assert.deepEqual(named(await told(s)), [])
})

test('a finding says what, since when, why and what to type', async (t) => {
  await using s = await kafka(t)
  await unread(s, 11 * minute)
  const page = await s.data('doctor g', fast)
  assert.match(
    page,
    /^1 warning in 1 group\.\n\nWARNING +g: Nobody reads: the group has no members, and records wait\n/,
  )
  assert.match(page, /\n {10}since 20.* \(\d+ min.*\) · records that wait 3 records · the oldest waits for \d+ min/)
  assert.match(page, /\n {10}\$ rivvenctl -b \S+ group delete g\n {10}\[nobody-reads\]\n/)
  const [finding] = (await told(s)).findings
  assert.deepEqual(finding!.subject, { group: 'g', topic: 'orders', partition: 0 })
  assert.equal(finding!.docs, 'docs/doctor.md#nobody-reads')
})

test('a threshold ends it with status 8, and what is ignored does not count', async (t) => {
  await using s = await kafka(t)
  await unread(s, 11 * minute)
  const bad = await s.run('doctor --fail-on warning', fast)
  assert.equal(bad.status, 8)
  assert.match(bad.words, /rivvenctl: 1 warning, the first: Nobody reads/)
  assert.equal((await s.run('doctor --fail-on critical', fast)).status, 0)
  const ignored = await s.run('doctor --fail-on info --ignore hot-key,nobody-reads', fast)
  assert.equal(ignored.status, 0)
  assert.match(ignored.out, /^Nothing found/)
})

test('programs that read rows get a finding a row', async (t) => {
  await using s = await kafka(t)
  await unread(s, 11 * minute)
  const row = JSON.parse(await s.data('doctor -o ndjson', fast))
  assert.deepEqual([row.severity, row.check, row.group, row.partition], ['warning', 'nobody-reads', 'g', 0])
  assert.match(await s.data('doctor -o csv', fast), /^severity,check,group,.*\nwarning,nobody-reads,g,/)
})

test('one look tells less, at once', async (t) => {
  await using s = await kafka(t)
  await unread(s, 11 * minute)
  const quick = await told(s, 'doctor --quick')
  assert.deepEqual(named(quick), ['warning nobody-reads'])
  const needs = new Map(quick.notLookedAt.map((each) => [each.check, each.needs]))
  assert.equal(needs.get('falling-behind'), 'two looks')
  assert.equal(
    (await told(s)).notLookedAt.some(({ check }) => check === 'falling-behind'),
    false,
  )
})

test('records that are gone, and offsets beyond the end', async (t) => {
  await using s = await kafka(t)
  await unread(s, 0)
  await s.topicWith('payments', 1, 2)
  await s.data('group reset-offsets g -t payments --to-latest -y')
  const admin = new Admin({ bootstrapServers: s.bootstrapServers })
  await admin.deleteRecords([{ topic: 'orders', partition: 0, offset: 2 }])
  await s.data('topic delete payments')
  await s.topicWith('payments', 1, 1)
  await admin.alterGroupOffsets('g', [{ topic: 'payments', partition: 0, offset: 9 }])
  await admin.close()
  const examined = await told(s)
  assert.deepEqual(named(examined), ['critical offset-before-start', 'critical offset-after-end'])
  assert.equal(examined.findings[0]!.evidence[0]!.value, 2)
})

test('timestamps of the future are told of the topics of these groups, or of all', async (t) => {
  await using s = await kafka(t)
  await unread(s, -30 * minute)
  await s.topicWith('payments', 1, 1)
  await s.data('group reset-offsets other --create -t payments --to-latest')
  assert.deepEqual(named(await told(s, 'doctor other')), [])
  assert.deepEqual(named(await told(s, 'doctor g')), ['warning timestamps-off'])
  assert.deepEqual(named(await told(s)), ['warning timestamps-off'])
})

test('who mistypes is told so', async (t) => {
  await using s = await kafka(t)
  assertPlainFailure(await s.run('doctor nobody'), /There is no group "nobody"/, 4)
  assertPlainFailure(await s.run('doctor --ignore idle'), /There is no check "idle"/, 2)
})

test('a partition that nobody has is looked at for a minute before it is a finding', async (t) => {
  await using s = await kafka(t)
  await s.topicWith('orders', 2, 1)
  const puppet = puppetOf(s)
  await puppet.join()
  await puppet.assign({ [puppet.memberId]: [0] })
  const { out, words } = await s.run('doctor g', fast)
  await puppet.close()
  assert.match(words, /Something does not settle: looking once more, 1 min 1 s after the first look\./)
  assert.match(out, /^1 warning in 1 group\.\n\nWARNING +g: 1 partition of subscribed topics has no owner/)
  assert.match(out, /without owner orders\/1/)
})

test('a rebalance is looked at for half a minute before it is a finding', async (t) => {
  await using s = await kafka(t)
  await s.topicWith('orders', 2, 1)
  const puppets = [puppetOf(s), puppetOf(s)] as const
  await puppets[0].join()
  await puppets[0].assign({ [puppets[0].memberId]: [0, 1] })
  const joining = puppets[1].join().catch(() => undefined)
  await eventually(async () => assert.match(await s.data('group list'), /PreparingRebalance/))
  assert.deepEqual(named(await told(s)), ['warning stuck-rebalance'])
  for (const puppet of puppets) await puppet.close()
  await joining
})

function puppetOf({ bootstrapServers }: Scene): PuppetMember {
  return new PuppetMember({ bootstrapServers, groupId: 'g', topic: 'orders', protocol: 'range' })
}

/** A member that owns three partitions with old records, and commits record by record in all but the second. */
async function slowInTheSecond(s: Scene) {
  await s.data('topic create orders --partitions 3')
  const producer = new Producer({ bootstrapServers: s.bootstrapServers })
  const timestamp = Date.now() - 10 * minute
  const values = Array.from({ length: 900 }, (_, at) => ({ topic: 'orders', partition: at % 3, value: 'x', timestamp }))
  await producer.sendMany(values)
  await producer.close()
  const consumer = await s.member('g', 'orders', 'worker', { enableAutoCommit: false })
  const commit = (partition: number, offset: number) => consumer.commitOffsets([{ topic: 'orders', partition, offset }])
  await commit(1, 9)
  let isOver = false
  const going = (async () => {
    for (let offset = 1; !isOver && offset < 300; offset++) {
      for (const partition of [0, 2]) await commit(partition, offset)
      await consumer.poll(5)
    }
  })()
  const end = () => {
    isOver = true
    return going
  }
  return { commit, end }
}

test('a partition that stands while others of its member go on is looked at for a minute, too', async (t) => {
  await using s = await kafka(t)
  const { end } = await slowInTheSecond(s)
  const { out, words } = await s.run('doctor g', fast)
  await end()
  assert.match(words, /looking once more/)
  assert.match(
    out,
    /^1 critical finding in 1 group\.\n\nCRITICAL +g, worker-.*: Nothing gets past offset \d+ of orders\/1/,
  )
})

test('where it goes on meanwhile nothing is found: it only commits rarely', async (t) => {
  await using s = await kafka(t)
  const { commit, end } = await slowInTheSecond(s)
  const onWords = (text: string) => {
    if (/looking once more/.test(text)) void commit(1, 20)
  }
  const { out } = await s.run('doctor g', { ...fast, onWords })
  await end()
  assert.match(out, /^Nothing found in 1 group\./)
})

test('a right that is missing is named, and the rest is looked at', async (t) => {
  asOnKafka(t)
  await using s = await guardedScene({ auto_create_topics_enable: true })
  await s.data('topic create orders --partitions 1')
  await s.data('group reset-offsets g --create -t orders --to-offset 0')
  await s.data('acl allow --principal User:alice --operation describe --topic orders')
  await s.data('acl allow --principal User:alice --operation describe --group g')
  const { status, out, words } = await s.as('alice', 'doctor g -o wide', fast)
  assert.equal(status, 0, words)
  assert.match(out, /^Nothing found in 1 group\./)
  assert.match(out.replace(/\s+/g, ' '), /nobody-reads, retention-close \(needs DESCRIBE_CONFIGS on topic orders\)/)
})

test('brokers of Rivven tell it at once, and of more', async () => {
  await using s = await scene({ lag_sample_interval_ms: 20 })
  await unread(s, 0)
  await s.member('idlers', 'orders')
  await s.data('topic create payments')
  await eventually(async () => {
    const { status, out, words } = await s.run(`doctor -o wide ${calm}`)
    assert.deepEqual([status, words], [0, ''])
    assert.match(out, /^Nothing found in 2 groups\.\n/)
    assert.doesNotMatch(out, /needs (Rivven|two looks)/)
  })
  const admin = new Admin({ bootstrapServers: s.bootstrapServers })
  await admin.deleteRecords([{ topic: 'orders', partition: 0, offset: 2 }])
  await admin.close()
  assert.deepEqual(named(await told(s, 'doctor g')), ['critical offset-before-start'])
  assert.deepEqual(named(await told(s, 'doctor idlers')), [])
  assert.deepEqual(named(await told(s)), ['critical offset-before-start'])
})

test('of named groups one hears what holds up their topics, and not what holds up others', async () => {
  await using s = await scene()
  await unread(s, -30 * minute)
  await s.topicWith('payments', 1, 1)
  await s.data('group reset-offsets other --create -t payments --to-latest')
  assert.deepEqual(named(await told(s, 'doctor other')), [])
  assert.deepEqual(named(await told(s, 'doctor g')), ['warning timestamps-off'])
})

test('a key that comes too often is found where a partition is hot, and named where one asks', async () => {
  await using s = await scene({ lag_sample_interval_ms: 20 })
  await s.data('topic create orders --partitions 4')
  await s.data('group reset-offsets g --create -t orders --to-offset 0')
  const producer = new Producer({ bootstrapServers: s.bootstrapServers })
  const keys = Array.from({ length: 200 }, (_, at) => (at % 10 === 0 ? `customer-${at}` : 'customer-7'))
  await eventually(async () => {
    await producer.sendMany(keys.map((key) => ({ topic: 'orders', key, value: 'x' })))
    assert.deepEqual(named(await told(s)), ['warning hot-partition', 'warning hot-key'])
  })
  await producer.close()
  const { findings } = await told(s, 'doctor g --show-keys')
  const [{ evidence }] = findings.filter(({ check }) => check === 'hot-key') as [Finding]
  assert.equal(evidence.at(-1)!.value, 'customer-7')
  assert.ok(Number(evidence[0]!.value) > 85, `${evidence[0]!.value}`)
})
