import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Diagnosis } from '@rivven/doctor'
import {
  ApiVersions,
  GetTelemetrySubscriptions,
  LeaveGroup,
  OffsetCommit,
  PushTelemetry,
  writeMetrics,
} from '@rivven/protocol'
import { busyBroker } from './busy-broker.js'

interface Answer extends Diagnosis {
  readonly groups: number
  readonly total: number
}

const checksIn = ({ findings }: Diagnosis) => findings.map(({ check, severity }) => `${check} ${severity}`)

test('a group that loses a member by its poll interval, and refuses its commits, is told what to do', async (t) => {
  const { broker, memberId } = await busyBroker(t)
  const members = [{ memberId, groupInstanceId: null, reason: 'consumer poll timeout has expired.' }]
  await broker.call(LeaveGroup, 5, { groupId: 'g/1', members })
  const partitions = [{ partitionIndex: 0, committedOffset: 1 }]
  const topics = [{ name: 'orders', partitions }]
  const late = { groupId: 'g/1', generationIdOrMemberEpoch: 1, memberId, topics }
  for (let times = 0; times < 10; times++) await broker.call(OffsetCommit, 7, late)
  const diagnosis = (await broker.json('/api/groups/g%2F1/doctor')) as Diagnosis
  assert.deepEqual(checksIn(diagnosis), ['poll-timeout warning', 'refused-commits warning'])
  const [finding] = diagnosis.findings
  assert.deepEqual(finding?.subject, { group: 'g/1', member: memberId })
  assert.equal(finding?.docs, 'docs/doctor.md#poll-timeout')
  assert.deepEqual(
    diagnosis.notLookedAt.filter(({ needs }) => needs === 'Rivven'),
    [],
  )
})

test('what a member tells of itself is looked at, and what no member tells is named as not looked at', async (t) => {
  const { broker, memberId } = await busyBroker(t)
  const needsTelemetry = ({ notLookedAt }: Diagnosis) => notLookedAt.some(({ needs }) => needs === 'telemetry')
  assert.ok(needsTelemetry((await broker.json('/api/groups/g%2F1/doctor')) as Diagnosis))
  const { clientInstanceId, subscriptionId } = await broker.call(GetTelemetrySubscriptions, 0, {})
  const attributes = { group_id: 'g/1', group_member_id: memberId }
  const values = { 'rivven.consumer.eventloop.delay.p99': 250, 'rivven.consumer.eventloop.delay.max': 300 }
  const metrics = writeMetrics({ attributes, values, now: 0 })
  await broker.call(PushTelemetry, 0, { clientInstanceId, subscriptionId, metrics })
  const diagnosis = (await broker.json('/api/groups/g%2F1/doctor')) as Diagnosis
  assert.deepEqual(checksIn(diagnosis), ['event-loop-blocked warning'])
  assert.ok(!needsTelemetry(diagnosis))
  assert.equal((await broker.metrics()).get('rivven_client_pushes_total'), 1)
})

test('a broker that shall not ask clients does not name the APIs of it', async (t) => {
  const { broker } = await busyBroker(t, { client_telemetry_enable: false })
  const { apiKeys } = await broker.call(ApiVersions, 0, {})
  const named = apiKeys.map(({ apiKey }) => apiKey)
  assert.deepEqual(
    [71, 72].filter((key) => named.includes(key)),
    [],
  )
})

test('all groups are looked at, those that do worst first, and the broker itself', async (t) => {
  const { broker } = await busyBroker(t)
  const all = (await broker.json('/api/doctor')) as Answer
  assert.deepEqual([all.groups, all.total], [2, 2])
  const needed = all.notLookedAt.filter(({ needs }) => needs === 'Rivven').map(({ check }) => check)
  assert.deepEqual(needed, [])
  const some = (await broker.json('/api/doctor?limit=1')) as Answer
  assert.deepEqual([some.groups, some.total], [1, 2])
  const one = (await broker.json('/api/doctor?group=idle,nobody')) as Answer
  assert.deepEqual([one.groups, one.total], [1, 1])
})

test('a group that nobody knows has no diagnosis', async (t) => {
  const { broker } = await busyBroker(t)
  const answer = await broker.get('/api/groups/nobody/doctor')
  assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [404, 'GROUP_NOT_FOUND'])
})
