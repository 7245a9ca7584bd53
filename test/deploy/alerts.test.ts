import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildBatch, CreateTopics, JoinGroup, OffsetCommit, Produce, SyncGroup } from '@rivven/protocol'
import { startRivven } from '@rivven/testing'
import { parse } from 'yaml'
import { eventually } from '../support/eventually.js'
import { RawConnection } from '../support/raw-connection.js'
import { fires, parseExpression, type Series } from './rule.js'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: Record<string, string>
  readonly annotations: Record<string, string>
}

const file = join(import.meta.dirname, '../../../deploy/alerts.yaml')
const { groups } = parse(readFileSync(file, 'utf8')) as { groups: { name: string; rules: Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)
const ruleOf = (name: string): Rule => rules.find(({ alert }) => alert === name) as Rule

/** Classes of how long records are kept, and their times. */
const chunkLimits = [
  ['1h', 3_600],
  ['12h', 12 * 3_600],
  ['3d', 3 * 86_400],
  ['10d', 10 * 86_400],
  ['60d', 60 * 86_400],
] as const

test('the alerts are these, with their thresholds and summaries', () => {
  const said = rules.map(({ alert, expr, for: wait, labels, annotations }) => [
    alert,
    expr,
    wait,
    labels.severity,
    annotations.summary,
  ])
  assert.deepEqual(said, [
    [
      'RivvenConsumerLag',
      'rivven_consumer_group_lag > 10000',
      '5m',
      'warning',
      'Consumer group {{ $labels.group }} is lagging',
    ],
    [
      'RivvenConsumerLagSeconds',
      'rivven_consumer_group_max_lag_seconds > 300',
      '5m',
      'warning',
      'Records wait for consumer group {{ $labels.group }}',
    ],
    [
      'RivvenGroupStopped',
      'rivven_consumer_group_status >= 3',
      '5m',
      'critical',
      'Consumer group {{ $labels.group }} has stopped',
    ],
    [
      'RivvenRecordsLost',
      'increase(rivven_consumer_group_lost_records_total[10m]) > 0',
      undefined,
      'critical',
      'Records were removed before {{ $labels.group }} read them',
    ],
    [
      'RivvenFrequentRebalances',
      'increase(rivven_consumer_group_rebalances_total[1h]) > 10',
      undefined,
      'warning',
      'Frequent rebalances in {{ $labels.group }}',
    ],
    ['RivvenDown', 'up{job="rivven"} == 0', '1m', 'critical', 'Broker {{ $labels.instance }} does not answer'],
    [
      'RivvenPartitionUnwritable',
      'rivven_partitions_unwritable > 0',
      undefined,
      'critical',
      'Partitions of {{ $labels.instance }} take no records',
    ],
    [
      'RivvenTransactionsHanging',
      'rivven_transactions_hanging > 0',
      '5m',
      'warning',
      'Transactions hang on {{ $labels.instance }}',
    ],
    [
      'RivvenLeaseOld',
      'rivven_cluster_lease_age_seconds > 2',
      undefined,
      'critical',
      'Broker {{ $labels.instance }} is about to lose what it leads',
    ],
    [
      'RivvenPartitionWithoutLeader',
      'rivven_partitions_without_leader > 0',
      '30s',
      'critical',
      'Partitions have no leader',
    ],
    [
      'RivvenChunkOld',
      chunkLimits
        .map(([keep, seconds]) => `rivven_storage_chunk_oldest_seconds{keep="${keep}"} > 2 * ${seconds}`)
        .join(' or '),
      undefined,
      'warning',
      'The database keeps what should be gone',
    ],
    [
      'RivvenFailedLogins',
      'sum by (listener, mechanism) (increase(rivven_authentications_total{outcome="failed"}[5m])) > 50',
      undefined,
      'warning',
      'Many failed logins on {{ $labels.listener }}',
    ],
    [
      'RivvenCertificateEnds',
      'rivven_ssl_certificate_expiry_timestamp_seconds - time() < 14 * 86400',
      undefined,
      'warning',
      'The certificate of {{ $labels.listener }} is over soon',
    ],
  ])
})

test('11 rebalances within an hour fire, 9 do not, and a rate a second never would', async () => {
  const { expr } = ruleOf('RivvenFrequentRebalances')
  const eleven = await hourWith(11)
  const now = { at: 7_200, forSeconds: 0 }
  assert.equal(fires(parseExpression(expr), eleven, now), true)
  assert.equal(fires(parseExpression(expr.replace('increase', 'rate')), eleven, now), false)
  assert.equal(fires(parseExpression(expr), await hourWith(9), now), false)
})

test('a lag above 10000 fires once it has lasted 5 minutes', async () => {
  const { expr } = ruleOf('RivvenConsumerLag')
  await using rivven = await startRivven({ http: true })
  const connection = await RawConnection.open(rivven.port)
  await connection.call(CreateTopics, 4, { topics: [{ name: 't', numPartitions: 1, replicationFactor: 1 }] })
  await connection.call(OffsetCommit, 7, {
    groupId: 'g',
    generationIdOrMemberEpoch: -1,
    memberId: '',
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 0 }] }],
  })
  const records = Array.from({ length: 10_001 }, () => ({ value: Buffer.from('x'), timestamp: 1 }))
  const partitionData = [{ index: 0, records: buildBatch({ records }) }]
  const series: { at: number; value: number }[] = []
  const name = 'rivven_consumer_group_lag{group="g",topic="t",partition="0"}'
  for (let at = 0; at <= 600; at += 15) {
    if (at === 120) await connection.call(Produce, 7, { acks: -1, topicData: [{ name: 't', partitionData }] })
    series.push({ at, value: await scraped(rivven.url as string, name) })
  }
  connection.destroy()
  const fireAt = (at: number) => fires(parseExpression(expr), series, { at, forSeconds: 300 })
  assert.deepEqual([fireAt(300), fireAt(405), fireAt(420), fireAt(600)], [false, false, true, true])
})

/** A series that is scraped every 15 s. */
function scrapedAs(seconds: number, valueAt: (at: number) => number): Series {
  return Array.from({ length: seconds / 15 }, (_, index) => ({ at: index * 15, value: valueAt(index * 15) }))
}

test('what waits for more than five minutes fires once it has done so for five, and no later than it is caught up', () => {
  const expression = parseExpression(ruleOf('RivvenConsumerLagSeconds').expr)
  // A group stops at 120 s: what comes then is 300 s old at 420.
  const series = scrapedAs(1_200, (at) => (at > 900 ? 0 : Math.max(0, at - 120)))
  const fireAt = (at: number) => fires(expression, series, { at, forSeconds: 300 })
  assert.deepEqual([fireAt(420), fireAt(720), fireAt(735), fireAt(900), fireAt(915)], [false, false, true, true, false])
})

test('STOP and REWIND fire after five minutes, STALL and WARN do not', () => {
  const expression = parseExpression(ruleOf('RivvenGroupStopped').expr)
  for (const status of [0, 1, 2, 3, 4]) {
    const series = scrapedAs(600, (at) => (at >= 60 ? status : 0))
    const fireAt = (at: number) => fires(expression, series, { at, forSeconds: 300 })
    assert.deepEqual([fireAt(345), fireAt(360)], [false, status >= 3], `${status}`)
  }
})

test('lost records fire as long as they are within ten minutes, and a counter that stands never does', () => {
  const expression = parseExpression(ruleOf('RivvenRecordsLost').expr)
  const series = scrapedAs(3_600, (at) => (at < 1_200 ? 7 : 12))
  const fireAt = (at: number) => fires(expression, series, { at, forSeconds: 0 })
  assert.deepEqual([fireAt(1_185), fireAt(1_200), fireAt(1_770), fireAt(1_815)], [false, true, true, false])
})

test('a broker is down when it has not been scraped for a minute, and no longer than that', () => {
  const expression = parseExpression(ruleOf('RivvenDown').expr)
  const series = scrapedAs(600, (at) => (at >= 120 && at < 300 ? 0 : 1))
  const fireAt = (at: number) => fires(expression, series, { at, forSeconds: 60 })
  assert.deepEqual([fireAt(105), fireAt(165), fireAt(180), fireAt(285), fireAt(300)], [false, false, true, true, false])
})

test('a partition that takes nothing fires at once, a transaction that hangs after five minutes', () => {
  const series = scrapedAs(900, (at) => (at >= 120 && at < 600 ? 1 : 0))
  const firesOf = (name: string, forSeconds: number) => {
    const expression = parseExpression(ruleOf(name).expr)
    return (at: number) => fires(expression, series, { at, forSeconds })
  }
  const unwritable = firesOf('RivvenPartitionUnwritable', 0)
  assert.deepEqual([unwritable(105), unwritable(120), unwritable(585), unwritable(600)], [false, true, true, false])
  const hanging = firesOf('RivvenTransactionsHanging', 300)
  assert.deepEqual([hanging(405), hanging(420), hanging(585), hanging(600)], [false, true, true, false])
})

test('each alert ends with what to type', () => {
  for (const { alert, annotations } of rules) {
    const [, command = ''] = /: ((?:rivvenctl|curl|grep|openssl) .+)$/.exec(annotations.description?.trim() ?? '') ?? []
    assert.notEqual(command, '', alert)
  }
})

test('the page has what alerts on brokers ask for', async () => {
  await using rivven = await startRivven({ http: true })
  for (const name of ['RivvenPartitionUnwritable', 'RivvenTransactionsHanging']) {
    assert.equal(await scraped(rivven.url as string, parseExpression(ruleOf(name).expr).metric), 0)
  }
})

test('the page has what the alerts on lag ask for', async () => {
  await using rivven = await startRivven({ http: true, config: { lag_sample_interval_ms: 10 } })
  const connection = await RawConnection.open(rivven.port)
  await connection.call(CreateTopics, 4, { topics: [{ name: 't', numPartitions: 1, replicationFactor: 1 }] })
  const partitions = [{ partitionIndex: 0, committedOffset: 0 }]
  const topics = [{ name: 't', partitions }]
  await connection.call(OffsetCommit, 7, { groupId: 'g', generationIdOrMemberEpoch: -1, memberId: '', topics })
  for (const name of ['RivvenConsumerLagSeconds', 'RivvenGroupStopped', 'RivvenRecordsLost']) {
    const { metric } = parseExpression(ruleOf(name).expr)
    await eventually(async () => assert.equal(await scraped(rivven.url as string, `${metric}{group="g"}`), 0))
  }
  connection.destroy()
})

/** Two hours of a real counter, scraped every minute; in the second one the group's only member joins again so often. */
async function hourWith(rebalances: number): Promise<Series> {
  await using rivven = await startRivven({ http: true })
  const connection = await RawConnection.open(rivven.port)
  const memberId = await rebalance(connection, '')
  const series: { at: number; value: number }[] = []
  for (let minute = 1; minute <= 120; minute++) {
    const isTime = minute > 60 && (minute - 62) % 5 === 0 && (minute - 62) / 5 < rebalances
    if (isTime) await rebalance(connection, memberId)
    const value = await scraped(rivven.url as string, 'rivven_consumer_group_rebalances_total{group="g"}')
    series.push({ at: minute * 60, value })
  }
  connection.destroy()
  assert.equal(series.at(-1)?.value, 1 + rebalances)
  return series
}

async function rebalance(connection: RawConnection, asMember: string): Promise<string> {
  const { memberId, generationId } = await connection.call(JoinGroup, 3, {
    groupId: 'g',
    sessionTimeoutMs: 60_000,
    rebalanceTimeoutMs: 60_000,
    memberId: asMember,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  })
  await connection.call(SyncGroup, 2, { groupId: 'g', generationId, memberId, assignments: [] })
  return memberId
}

async function scraped(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `))
  if (!line) throw new Error(`no ${name}`)
  return Number(line.slice(name.length))
}
