import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DescribeGroups, ErrorCode, LeaveGroup, type RequestOf } from '@rivven/protocol'
import { adminScene } from './admin-scene.js'

function groupScene() {
  const scene = adminScene()
  const members = [
    { memberId: 'a-1', groupInstanceId: null, clientId: 'a' },
    { memberId: 'b-1', groupInstanceId: 'pod-0', clientId: 'b' },
  ]
  scene.tiny.scripts.set(DescribeGroups, () => ({ groups: [{ groupId: 'g', groupState: 'Stable', members }] }))
  scene.tiny.scripts.set(LeaveGroup, ({ request }) => ({ members: (request as RequestOf<typeof LeaveGroup>).members }))
  const leaving = () => (scene.tiny.requestsOf(LeaveGroup).at(-1)!.request as RequestOf<typeof LeaveGroup>).members
  return { ...scene, leaving }
}

test('members leave by member id or by instance id, with the reason in the words of Java', async () => {
  const { clock, admin, leaving } = groupScene()
  await clock.until(
    admin.removeMembers('g', [{ memberId: 'a-1' }, { groupInstanceId: 'pod-0' }], { reason: 'scaled down' }),
  )
  const reason = 'member was removed by an admin: scaled down'
  assert.deepEqual(leaving(), [
    { memberId: 'a-1', groupInstanceId: null, reason },
    { memberId: '', groupInstanceId: 'pod-0', reason },
  ])
  await clock.until(admin.removeMembers('g', [{ memberId: 'b-1' }]))
  assert.deepEqual(leaving(), [{ memberId: 'b-1', groupInstanceId: 'pod-0', reason: 'member was removed by an admin' }])
})

test('brokers that know no reasons get none, and a long reason is cut', async () => {
  const { clock, tiny, admin, leaving } = groupScene()
  await clock.until(admin.removeMembers('g', [{ memberId: 'a-1' }], { reason: 'x'.repeat(300) }))
  assert.equal(leaving()[0]!.reason!.length, 255)
  const old = groupScene()
  old.tiny.versions = (api) => (api === LeaveGroup ? { min: 0, max: 4 } : api.versions)
  await old.clock.until(old.admin.removeMembers('g', [{ memberId: 'a-1' }], { reason: 'why' }))
  assert.equal(old.leaving()[0]!.reason, null)
  assert.equal(tiny.requestsOf(LeaveGroup)[0]!.version, 5)
})

test('a member that is not there is an error with its name', async () => {
  const { clock, tiny, admin } = groupScene()
  const errorCode = ErrorCode.UNKNOWN_MEMBER_ID
  tiny.scripts.set(LeaveGroup, () => ({ members: [{ memberId: 'c-1', groupInstanceId: null, errorCode }] }))
  const error = await clock.until(admin.removeMembers('g', [{ memberId: 'c-1' }]).catch((error) => error))
  assert.equal(error.code, 'UNKNOWN_MEMBER_ID')
  assert.match(error.message, /Removing c-1 from group g/)
})
