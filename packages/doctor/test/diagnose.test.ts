import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allChecks } from '../src/all-checks.js'
import { diagnose, together } from '../src/diagnose.js'
import { group, healthy, healthyCluster, member, minute, now, partition } from './facts.js'

const lost = partition(0, { currentOffset: 1, logStartOffset: 5 })
const idle = group([member('m-0', 'orders:0,1,2'), member('m-1', '', { topics: ['orders'] })])

test('a group and a cluster in which all is well have no findings', () => {
  for (const facts of [healthy(), healthyCluster()]) assert.deepEqual(diagnose(facts, now).findings, [])
})

test('the worst comes first, and says where it stands in the docs', () => {
  const { findings } = diagnose(healthy({ group: idle, partitions: [lost] }), now)
  assert.deepEqual(
    findings.map(({ check, severity, docs }) => [check, severity, docs]),
    [
      ['offset-before-start', 'critical', 'docs/doctor.md#offset-before-start'],
      ['uneven-assignment', 'info', 'docs/doctor.md#uneven-assignment'],
      ['idle-members', 'info', 'docs/doctor.md#idle-members'],
    ],
  )
})

test('what is not looked at says what it needs', () => {
  const { notLookedAt } = diagnose({ group: group([]) }, now, { partitions: 'DESCRIBE on topic orders' })
  const needs = Object.fromEntries(notLookedAt.map(({ check, needs }) => [check, needs]))
  assert.equal(needs['offset-before-start'], 'DESCRIBE on topic orders')
  assert.equal(needs['falling-behind'], 'DESCRIBE on topic orders and two looks')
  assert.equal(needs['event-loop-blocked'], 'telemetry')
  assert.equal(needs['transaction-holds-readers'], undefined, 'it is about the cluster')
})

test('diagnoses of groups and of the cluster make one', () => {
  const transaction = {
    ...{ topic: 'orders', partition: 0, producerId: 6, transactionalId: null, startedAt: now - 2 * minute },
    ...{ timeoutMs: null, firstOffset: 1, heldRecords: 1, groups: [] },
  }
  const whole = together([
    diagnose({ group: idle }, now),
    diagnose({ group: idle }, now),
    diagnose({ transactions: [transaction] }, now),
  ])
  assert.deepEqual(
    whole.findings.map(({ check }) => check),
    ['transaction-holds-readers', 'uneven-assignment', 'idle-members', 'uneven-assignment', 'idle-members'],
  )
  assert.equal(whole.notLookedAt.filter(({ check }) => check === 'nobody-reads').length, 1)
})

test('each check has an id of its own, in small letters', () => {
  const ids = allChecks.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids) assert.match(id, /^[a-z]+(-[a-z]+)*$/)
})
