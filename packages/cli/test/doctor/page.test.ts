import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Finding } from '@rivven/doctor'
import { findingRow, pageText, typedAtSameCluster } from '../../src/doctor/page.js'

const now = Date.UTC(2026, 0, 31, 18)

function finding(more: Partial<Finding> = {}): Finding {
  return {
    ...{ check: 'poll-timeout', severity: 'warning', subject: { group: 'orders', member: 'order-2' } },
    ...{ since: now - 90_000, title: 'It lost its partitions', remedy: 'Hand out less.', docs: 'docs/doctor.md#x' },
    evidence: [
      { text: 'waits for', value: 90, unit: 's' },
      { text: 'records a poll', value: 500, unit: null },
      { text: 'comes', value: 12.5, unit: 'records/s' },
      { text: 'waits', value: 1, unit: 'records' },
      { text: 'ends at', value: now, unit: 'time' },
    ],
    config: [
      { client: 'rivven', file: 'rivven.yaml, consumer:', key: 'max_poll_records', now: 500, suggested: 100 },
      { client: 'apache-kafka-java', file: 'consumer.properties', key: 'max.poll.records', now: null, suggested: 100 },
    ],
    commands: ['rivvenctl group explain orders'],
    ...more,
  }
}

const page = (findings: Finding[], needs: string[] = [], wide = false) =>
  pageText({ findings, notLookedAt: needs.map((need, at) => ({ check: `c-${at}`, needs: need })), groups: 2 }, now, {
    wide,
  })

test('a finding in lines: what, since when, why, what to do, what to write and to type', () => {
  assert.equal(
    page([finding()], ['Rivven', 'Rivven', 'telemetry']),
    `1 warning in 2 groups.

WARNING   orders, order-2: It lost its partitions
          since 2026-01-31T17:58:30Z (1 min 30 s) · waits for 1 min 30 s · records a poll 500 · comes 12.5 records/s
          waits 1 record · ends at 2026-01-31T18:00:00Z
          Hand out less.
          rivven.yaml, consumer:  max_poll_records: 100  (now 500)
          consumer.properties  max.poll.records=100
          $ rivvenctl group explain orders
          [poll-timeout]

Not looked at: 2 checks (needs Rivven); 1 check (needs telemetry). -o wide names them.
`,
  )
})

test('the head counts by severity, and a wide page names what was not looked at', () => {
  const all = [finding({ severity: 'critical' }), finding(), finding(), finding({ severity: 'info' })]
  assert.match(page(all), /^1 critical finding, 2 warnings and 1 note in 2 groups\.\n/)
  assert.match(
    page([], ['Rivven', 'Rivven'], true),
    /^Nothing found in 2 groups\.\n\nNot looked at: c-0, c-1 \(needs Rivven\)\.\n$/,
  )
})

test('no name makes a line of its own, or moves the cursor', () => {
  const group = 'orders\nCRITICAL  all is lost\u001b[2J'
  const text = page([finding({ subject: { group } })])
  assert.match(text, /^WARNING {3}orders\\x0aCRITICAL {2}all is lost\\x1b\[2J: It lost/m)
  assert.doesNotMatch(text, /^CRITICAL/m)
  assert.equal(findingRow(finding({ subject: { group } })).group, group)
})

test('what is to be typed leads to the cluster that was looked at, whatever form it comes in', () => {
  const cluster = { bootstrapServers: 'prod:9092', config: 'my cluster.yaml', security: { sasl_username: 'ann' } }
  const { findings } = typedAtSameCluster({ findings: [finding()], notLookedAt: [], groups: 1 }, cluster)
  const command = "rivvenctl -b prod:9092 --config 'my cluster.yaml' --sasl-username ann group explain orders"
  assert.deepEqual(findings[0]?.commands, [command])
  assert.ok(page([...findings]).includes(`$ ${command}\n`))
})
