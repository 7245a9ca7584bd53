import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Admin, Producer, RivvenError } from '@rivven/client'
import { eventually } from '../support/eventually.js'
import { assertPlainFailure, cells, scene } from './cli-scene.js'

/** A group that has read 1 of 4 records in each of two partitions. */
async function behind(config: Record<string, unknown> = {}) {
  const s = await scene(config)
  await s.topicWith('orders', 2, 4)
  await s.data('group reset-offsets g --create -t orders --to-offset 1')
  return s
}

test('lag is in records, and in seconds where one asks', async () => {
  await using s = await behind()
  const table = await s.data('group lag g')
  assert.match(table, /^TOPIC +PARTITION +CURRENT-OFFSET +LOG-END-OFFSET +LAG\n/)
  assert.deepEqual(cells(table)[0], ['orders', '0', '1', '4', '3'])
  const seconds = await s.data('group lag g --seconds')
  assert.match(seconds, /^TOPIC +PARTITION +CURRENT-OFFSET +LOG-END-OFFSET +LAG +LAG-SECONDS\n/)
  const waits = Number(cells(seconds)[0]![5])
  assert.ok(waits > 0 && waits < 60, `${waits}`)
  await s.data('group reset-offsets g -t orders --to-latest -y')
  assert.deepEqual(cells(await s.data('group lag g --seconds'))[0]!.slice(4), ['0', '0'])
})

test('a wide table has status, when the group will have caught up, owners, and the total', async () => {
  await using s = await behind({ lag_sample_interval_ms: 20 })
  await eventually(async () => {
    const wide = await s.data('group lag g -o wide')
    assert.match(wide, /LAG-SECONDS +CATCH-UP +STATUS +OWNER\n/)
    assert.deepEqual(
      cells(wide).map((row) => [row[0], row[4], row[6], row[7]]),
      [
        ['orders', '3', 'standing', 'OK'],
        ['orders', '3', 'standing', 'OK'],
        ['TOTAL', '6', 'standing', 'OK'],
      ],
    )
  })
})

test('JSON has all that is known', async () => {
  await using s = await behind()
  const [row] = JSON.parse(await s.data('group lag g -o json'))
  assert.deepEqual(Object.keys(row), [
    ...['topic', 'partition', 'currentOffset', 'logEndOffset', 'lag', 'logStartOffset', 'waiting', 'lagSeconds'],
    ...['basis', 'exact', 'lost', 'heldBackSeconds', 'consumedPerSecond', 'producedPerSecond', 'catchUpSeconds', 'eta'],
    ...['status', 'reason', 'owner', 'pending'],
  ])
  const { lag, waiting, exact, lost, owner } = row
  assert.deepEqual({ lag, waiting, exact, lost, owner }, { lag: 3, waiting: true, exact: true, lost: 0, owner: null })
})

test('several groups, all, or those whose names match, have their names in front', async () => {
  await using s = await behind()
  await s.data('group reset-offsets other --create -t orders --to-latest')
  const names = async (words: string) => cells(await s.data(`group lag ${words}`)).map(([name]) => name)
  assert.match(await s.data('group lag --all'), /^GROUP +TOPIC/)
  assert.deepEqual(await names('--all'), ['g', 'g', 'other', 'other'])
  assert.deepEqual(await names('g other'), ['g', 'g', 'other', 'other'])
  assert.deepEqual(await names('--regex ^oth'), ['other', 'other'])
  assertPlainFailure(await s.run('group lag --regex ^otter --fail-above 1'), /No name of a group matches \^otter\./, 4)
  assertPlainFailure(await s.run('group lag'), /Which group\?/, 2)
  assertPlainFailure(await s.run('group lag g --all'), /Either names of groups/, 2)
})

test('a group that is too far behind ends it with status 8, and a line that says where', async () => {
  await using s = await behind()
  const far = await s.run('group lag g --fail-above 2')
  assert.deepEqual([far.status, cells(far.out).length], [8, 2])
  assert.equal(far.words, 'rivvenctl: g is 3 records behind in orders/0, and may be 2 records.\n')
  assert.equal((await s.run('group lag g --fail-above 3')).status, 0)
  assert.equal((await s.run('group lag g --fail-above 1h')).status, 0)
  assert.equal((await s.run('group lag --all --fail-above 0ms')).status, 8)
})

test('who is behind for a moment alone is not too far behind', async () => {
  await using s = await behind()
  const waiting = s.run('group lag g --fail-above 2 --for 5m --interval 20')
  await s.data('group reset-offsets g -t orders --to-latest -y')
  assert.equal((await waiting).status, 0)
  await s.data('group reset-offsets g -t orders --to-earliest -y')
  assert.equal((await s.run('group lag g --fail-above 2 --for 50ms --interval 10')).status, 8)
})

/** As brokers of Apache Kafka, which do not know the call. */
function asOnKafka(t: TestContext): void {
  t.mock.method(Admin.prototype, 'call', async () => {
    throw new RivvenError('UNSUPPORTED_BY_BROKER', 'The broker does not know this.')
  })
}

test('on Apache Kafka seconds are by the timestamp of the first record that waits', async (t) => {
  await using s = await scene()
  await s.data('topic create orders --partitions 3')
  const producer = new Producer({ bootstrapServers: s.bootstrapServers })
  const agoMs = 3_600_000
  for (const partition of [0, 1]) {
    for (const ms of [agoMs * 2, agoMs, 0])
      await producer.send({ topic: 'orders', partition, value: 'x', timestamp: Date.now() - ms })
  }
  await producer.close()
  await s.data('group reset-offsets g --create -t orders --to-offset 1')
  asOnKafka(t)
  const rows = JSON.parse(await s.data('group lag g --seconds -o json'))
  for (const { partition, lag, lagSeconds, basis, waiting } of rows.slice(0, 2)) {
    assert.deepEqual([lag, basis, waiting], [2, 'timestamp', true], `${partition}`)
    assert.ok(Math.abs(lagSeconds - agoMs / 1_000) < 300, `${lagSeconds}`)
  }
  assert.deepEqual([rows[2].lag, rows[2].lagSeconds, rows[2].waiting], [0, 0, false])
  assert.equal(JSON.parse(await s.data('group lag g -o json'))[0].lagSeconds, null)
  assert.equal((await s.run('group lag g --fail-above 30m')).status, 8)
})

test('on Apache Kafka nothing waits behind nothing but transaction markers', async (t) => {
  await using s = await scene()
  await s.data('topic create orders --partitions 1')
  const producer = new Producer({ bootstrapServers: s.bootstrapServers, transactionalId: 'tx' })
  const transaction = await producer.beginTransaction()
  await transaction.send({ topic: 'orders', value: 'x' })
  await transaction.commit()
  await producer.close()
  await s.data('group reset-offsets g --create -t orders --to-offset 1')
  asOnKafka(t)
  const [row] = JSON.parse(await s.data('group lag g --seconds -o json'))
  assert.deepEqual([row.lag, row.waiting, row.lagSeconds], [1, false, 0])
})

test('on Apache Kafka whoever watches sees when the group will have caught up, how it does, and who owns what by now', async (t) => {
  await using s = await behind()
  asOnKafka(t)
  const stop = new AbortController()
  const seen: string[] = []
  const onOut = (text: string) => {
    if (text.startsWith('TOPIC')) seen.push(text)
    if (/standing/.test(text) && / OK /.test(text)) stop.abort()
  }
  const ran = await s.run('group lag g --seconds --watch --interval 20 -o wide', { stop: stop.signal, onOut })
  assert.equal(ran.status, 0)
  assert.ok(seen.length >= 3, `${seen.length} looks`)
  assert.deepEqual(cells(seen.at(-1) ?? '').map((row) => [row[0], row[4], row[6], row[7]])[0], [
    ...['orders', '3', 'standing', 'OK'],
  ])
})
