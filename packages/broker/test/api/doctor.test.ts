import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Diagnosis } from '@rivven/doctor'
import { LeaveGroup, OffsetCommit } from '@rivven/protocol'
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
