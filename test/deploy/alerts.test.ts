import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildBatch, CreateTopics, JoinGroup, OffsetCommit, Produce, SyncGroup } from '@rivven/protocol'
import { startRivven } from '@rivven/testing'
import { parse } from 'yaml'
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
      'RivvenFrequentRebalances',
      'increase(rivven_consumer_group_rebalances_total[1h]) > 10',
      undefined,
      'warning',
      'Frequent rebalances in {{ $labels.group }}',
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
