import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VERSION } from '@rivven/runtime'
import { GroupClient } from './group-client.js'
import { HttpBroker, samplesOf } from './http-broker.js'

async function started(t: {
  after(end: () => Promise<void>): void
}): Promise<{ broker: HttpBroker; client: GroupClient }> {
  const broker = await HttpBroker.start()
  t.after(() => broker.close())
  return { broker, client: new GroupClient(broker) }
}

test('lag is the distance to the end of the log, of groups without members, too', async (t) => {
  const { broker, client } = await started(t)
  await client.makeTopic('orders', 2)
  await client.produce('orders', 12)
  await client.commit('idle', 'orders', 2)
  const before = await broker.metrics()
  assert.equal(before.get('rivven_consumer_group_lag{group="idle",topic="orders",partition="0"}'), 10)
  assert.equal(before.get('rivven_consumer_group_lag{group="idle",topic="orders",partition="1"}'), undefined)
  assert.equal(before.get('rivven_consumer_group_members{group="idle"}'), 0)
  await client.produce('orders', 5)
  await client.commit('idle', 'orders', 16)
  assert.equal((await broker.metrics()).get('rivven_consumer_group_lag{group="idle",topic="orders",partition="0"}'), 1)
})

test('an offset beyond the end is no lag of 0: it shows how far beyond', async (t) => {
  const { broker, client } = await started(t)
  await client.makeTopic('orders')
  await client.produce('orders', 12)
  await client.commit('ahead', 'orders', 15)
  assert.equal(
    (await broker.metrics()).get('rivven_consumer_group_lag{group="ahead",topic="orders",partition="0"}'),
    -3,
  )
})

test('series go with what they tell of: deleted offsets, deleted topics, deleted groups', async (t) => {
  const { broker, client } = await started(t)
  const lags = async () =>
    [...(await broker.metrics()).keys()].filter((name) => name.startsWith('rivven_consumer_group_lag{'))
  await client.makeTopic('a', 2)
  await client.makeTopic('b')
  await client.commit('g', 'a', 0, 0)
  await client.commit('g', 'a', 0, 1)
  await client.commit('g', 'b', 0)
  assert.equal((await lags()).length, 3)
  await client.deleteOffset('g', 'a', 1)
  await client.deleteTopic('b')
  assert.deepEqual(await lags(), ['rivven_consumer_group_lag{group="g",topic="a",partition="0"}'])
  await client.deleteGroup('g')
  assert.deepEqual(
    [...(await broker.metrics()).keys()].filter((name) => name.includes('group="g"')),
    [],
  )
})

test('rebalances are counted and timed from the join phase to the stored assignment', async (t) => {
  const { broker, client } = await started(t)
  await client.makeTopic('t')
  const memberId = await client.rebalance('g', 't')
  await client.rebalance('g', 't', memberId)
  const stable = await broker.metrics()
  assert.equal(stable.get('rivven_consumer_group_members{group="g"}'), 1)
  assert.equal(stable.get('rivven_consumer_group_rebalances_total{group="g"}'), 2)
  assert.equal(stable.get('rivven_consumer_group_rebalance_duration_seconds_count{group="g"}'), 2)
  assert.equal(stable.get('rivven_consumer_group_rebalance_duration_seconds_bucket{group="g",le="+Inf"}'), 2)
  assert.ok(stable.get('rivven_consumer_group_rebalance_duration_seconds_sum{group="g"}')! < 10)
  await client.leave('g', memberId)
  const left = await broker.metrics()
  assert.equal(left.get('rivven_consumer_group_members{group="g"}'), 0)
  assert.equal(left.get('rivven_consumer_group_rebalances_total{group="g"}'), 3)
  assert.equal(left.get('rivven_consumer_group_rebalance_duration_seconds_count{group="g"}'), 2)
  await client.deleteGroup('g')
  await client.rebalance('g', 't')
  assert.equal((await broker.metrics()).get('rivven_consumer_group_rebalances_total{group="g"}'), 1)
})

test('the latency of commits is counted for those that were stored', async (t) => {
  const { broker, client } = await started(t)
  await client.makeTopic('t')
  assert.equal(await client.commit('g', 't', 1), 0)
  assert.equal(await client.commit('g', 't', 2), 0)
  await client.rebalance('g', 't')
  assert.notEqual(await client.commit('g', 't', 3), 0)
  const metrics = await broker.metrics()
  assert.equal(metrics.get('rivven_consumer_commit_latency_seconds_count{group="g"}'), 2)
  assert.ok(metrics.get('rivven_consumer_commit_latency_seconds_sum{group="g"}')! > 0)
  assert.equal(metrics.get('rivven_request_errors_total{api="OffsetCommit",error="UNKNOWN_MEMBER_ID"}'), 1)
  assert.equal(metrics.get('rivven_consumer_group_refused_commits_total{group="g",error="UNKNOWN_MEMBER_ID"}'), 1)
})

test('names of groups and topics cannot break the format', async (t) => {
  const { broker, client } = await started(t)
  await client.makeTopic('t')
  await client.commit('a "b" \\ c\nd', 't', 0)
  const metrics = await broker.metrics()
  assert.equal(metrics.get('rivven_consumer_group_members{group="a \\"b\\" \\\\ c\\nd"}'), 0)
})

test('the broker tells of its connections, requests, bytes, logs and process', async (t) => {
  const { broker, client } = await started(t)
  await client.makeTopic('t')
  await client.produce('t', 3)
  const metrics = await broker.metrics()
  assert.equal(metrics.get('rivven_connections{listener="PLAINTEXT"}'), 1)
  assert.equal(metrics.get('rivven_connections_total'), 1)
  assert.equal(metrics.get('rivven_requests_total{api="Produce"}'), 1)
  assert.ok(metrics.get('rivven_received_bytes_total')! > 100)
  assert.ok(metrics.get('rivven_sent_bytes_total')! > 50)
  assert.equal(metrics.get('rivven_log_end_offset{topic="t",partition="0"}'), 3)
  assert.ok(metrics.get('rivven_log_size_bytes{topic="t",partition="0"}')! > 60)
  assert.equal(metrics.get('rivven_partitions_unwritable'), 0)
  assert.ok(metrics.get('process_cpu_seconds_total')! > 0)
  assert.ok([...metrics.keys()].some((name) => name.startsWith(`rivven_build_info{version="${VERSION}"`)))
})

test('every metric has help and type before its samples', async (t) => {
  const { broker, client } = await started(t)
  await client.makeTopic('t')
  await client.rebalance('g', 't')
  const response = await broker.get('/metrics')
  assert.match(response.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/)
  const described = new Set<string>()
  for (const line of (await response.text()).split('\n')) {
    const type = /^# TYPE (\S+) (gauge|counter|histogram|summary)$/.exec(line)
    if (type) described.add(type[1]!)
    else if (line !== '' && !line.startsWith('#')) {
      const name = /^\w+/.exec(line)![0]
      assert.ok(described.has(name) || described.has(name.replace(/_(bucket|sum|count)$/, '')), line)
    }
  }
})

test('lag in seconds grows while a record waits, and is 0 when it was read', async (t) => {
  const { broker, client } = await started(t)
  await client.makeTopic('orders')
  await client.produce('orders', 3)
  await client.commit('idle', 'orders', 1)
  const name = 'rivven_consumer_group_lag_seconds{group="idle",topic="orders",partition="0"}'
  const first = (await broker.metrics()).get(name)!
  const later = await broker.metrics()
  assert.ok(first >= 0 && later.get(name)! >= first && later.get(name)! < 60, `${first}, ${later.get(name)}`)
  assert.ok(later.get('rivven_consumer_group_max_lag_seconds{group="idle"}')! >= first)
  await client.commit('idle', 'orders', 3)
  assert.equal((await broker.metrics()).get(name), 0)
  await client.commit('idle', 'orders', 9)
  assert.equal((await broker.metrics()).get(name), undefined)
})

test('a page has as much detail as it is asked for', async (t) => {
  const { broker, client } = await started(t)
  await client.makeTopic('orders', 3)
  for (const partition of [0, 1]) {
    await client.produce('orders', 5, partition)
    await client.commit('g', 'orders', 2, partition)
  }
  await client.commit('g', 'orders', 4, 2)
  const lags = async (query: string) =>
    [...samplesOf(await (await broker.get(`/metrics${query}`)).text())]
      .filter(([name]) => name.startsWith('rivven_consumer_group_lag{'))
      .map(([name, value]) => [name.slice('rivven_consumer_group_lag{'.length, -1), value])
  assert.deepEqual(await lags('?detail=partition'), await lags(''))
  assert.equal((await lags('')).length, 3)
  // What is beyond the end of one partition makes up for nothing in another.
  assert.deepEqual(await lags('?detail=topic'), [['group="g",topic="orders"', 6]])
  assert.deepEqual(await lags('?detail=group'), [])
  const group = samplesOf(await (await broker.get('/metrics?detail=group')).text())
  assert.ok(group.has('rivven_consumer_group_max_lag_seconds{group="g"}'))
  assert.equal((await broker.get('/metrics?detail=everything')).status, 400)
})

test('groups are looked at every lag_sample_interval_ms, and never where that is 0', async (t) => {
  const status = 'rivven_consumer_group_status{group="g"}'
  for (const [interval, expected] of [
    [5, 0],
    [0, undefined],
  ] as const) {
    const broker = await HttpBroker.start({ lag_sample_interval_ms: interval })
    t.after(() => broker.close())
    const client = new GroupClient(broker)
    await client.makeTopic('t')
    await client.commit('g', 't', 0)
    if (expected === undefined) assert.equal((await broker.metrics()).get(status), undefined)
    else while ((await broker.metrics()).get(status) !== expected) await new Promise(setImmediate)
  }
})
