import {
  ConsumerGroupHeartbeat,
  DeleteGroups,
  Heartbeat,
  JoinGroup,
  LeaveGroup,
  OffsetCommit,
  OffsetDelete,
  SyncGroup,
  TxnOffsetCommit,
} from '@rivven/protocol'
import { badJoins, join } from '../../malformed/inputs/requests.js'
import type { Attack } from '../attackers/attack.js'
import type { HostileConnection } from '../attackers/hostile-connection.js'
import type { Target } from '../attackers/target.js'

/** So few that they fall under no limit. */
const groupName = (target: Target) => `hostile-${target.chance.below(2 ** 32)}`

interface Member {
  connection: HostileConnection
  groupId: string
  memberId: string
  generationId: number
}

/** The one member of a group, which is removed when all is done. */
async function asMember(target: Target, use: (member: Member) => Promise<void>): Promise<void> {
  const connection = await target.open()
  const groupId = groupName(target)
  const { memberId, generationId } = await connection.call(JoinGroup, 3, { ...join, groupId })
  const assignments = [{ memberId, assignment: Buffer.from('mine') }]
  await connection.call(SyncGroup, 2, { groupId, generationId, memberId, assignments })
  await use({ connection, groupId, memberId, generationId })
  await connection.call(LeaveGroup, 3, { groupId, members: [{ memberId }] })
  await connection.call(DeleteGroups, 1, { groupsNames: [groupId] })
}

const joins = badJoins.map(
  ([what, fields, code]): Attack => ({
    row: '18',
    name: `JoinGroup with ${what}`,
    async run(target) {
      target.expect(
        (await target.ask(JoinGroup, 5, { ...join, groupId: 'hostile-joins', ...fields })).errorCode,
        [code],
        what,
      )
    },
  }),
)

const requests: Attack[] = [
  {
    row: '19',
    name: 'subscriptions and assignments of random bytes',
    async run(target) {
      const connection = await target.open()
      const groupId = groupName(target)
      const bytes = Buffer.from(Array.from({ length: target.chance.below(200) }, () => target.chance.below(256)))
      const protocols = [{ name: 'range', metadata: bytes }]
      const { memberId, generationId } = await connection.call(JoinGroup, 3, { ...join, groupId, protocols })
      const assignments = [{ memberId, assignment: bytes }]
      const { assignment } = await connection.call(SyncGroup, 2, { groupId, generationId, memberId, assignments })
      target.saw(assignment.equals(bytes) ? 'passed on' : 'changed')
      await connection.call(LeaveGroup, 3, { groupId, members: [{ memberId }] })
      await connection.call(DeleteGroups, 1, { groupsNames: [groupId] })
    },
  },
  {
    row: '20',
    name: 'SyncGroup of an old generation',
    run: (target) =>
      asMember(target, async ({ connection, groupId, memberId, generationId }) => {
        const stale = { groupId, memberId, generationId: generationId - 1, assignments: [] }
        target.expect((await connection.call(SyncGroup, 2, stale)).errorCode, [22], 'SyncGroup')
      }),
  },
  {
    row: '21',
    name: 'Heartbeat of nobody, and of another generation',
    run: (target) =>
      asMember(target, async ({ connection, groupId, memberId, generationId }) => {
        const beat = async (fields: object) =>
          (await connection.call(Heartbeat, 3, { groupId, memberId, generationId, ...fields })).errorCode
        target.expect(await beat({ groupId: 'none' }), [25], 'no such group')
        target.expect(await beat({ memberId: 'none' }), [25], 'no such member')
        target.expect(await beat({ generationId: generationId + 1 }), [22], 'another generation')
      }),
  },
  {
    row: '22',
    name: 'LeaveGroup of others',
    run: (target) =>
      asMember(target, async ({ connection, groupId, memberId }) => {
        const strangers = [{ memberId: 'none' }, { memberId, groupInstanceId: 'not-mine' }]
        const { members } = await connection.call(LeaveGroup, 4, { groupId, members: strangers } as never)
        for (const { errorCode } of members) target.expect(errorCode, [25], 'LeaveGroup')
      }),
  },
  {
    row: '23',
    name: 'OffsetCommit that does not fit',
    run: (target) =>
      asMember(target, async ({ connection, groupId, memberId, generationId }) => {
        const commit = async (fields: object, topic = 'there', committedMetadata = '') => {
          const topics = [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata }] }]
          const who = { groupId, memberId, generationIdOrMemberEpoch: generationId, ...fields }
          return (await connection.call(OffsetCommit, 7, { ...who, topics })).topics[0]?.partitions[0]?.errorCode
        }
        target.expect(await commit({}, 'there', 'm'.repeat(4_097)), [12], 'metadata that is too long')
        target.expect(await commit({}, 'not-there'), [3], 'no such topic')
        target.expect(await commit({ generationIdOrMemberEpoch: 77 }), [22], 'another generation')
        target.expect(await commit({ memberId: 'none' }), [25], 'no such member')
      }),
  },
  {
    row: '24',
    name: 'ConsumerGroupHeartbeat, which nobody answers here',
    async run(target) {
      const beat = { groupId: groupName(target), memberId: '', memberEpoch: 5, serverAssignor: 'x' }
      target.expect((await target.ask(ConsumerGroupHeartbeat, 0, beat)).errorCode, [35], 'ConsumerGroupHeartbeat')
    },
  },
  {
    row: '25',
    name: 'DeleteGroups and OffsetDelete of what is in use',
    run: (target) =>
      asMember(target, async ({ connection, groupId }) => {
        const { results } = await connection.call(DeleteGroups, 1, { groupsNames: [groupId, 'unknown'] })
        for (const { groupId: name, errorCode } of results)
          target.expect(errorCode, [name === groupId ? 68 : 69], 'DeleteGroups')
        const topics = [{ name: 'there', partitions: [{ partitionIndex: 0 }] }]
        const deleted = await connection.call(OffsetDelete, 0, { groupId: 'unknown', topics })
        target.expect(deleted.errorCode, [69], 'OffsetDelete')
      }),
  },
  {
    row: '35',
    name: 'TxnOffsetCommit of nobody',
    async run(target) {
      const topics = [{ name: 'there', partitions: [{ partitionIndex: 0, committedOffset: 1 }] }]
      const who = { transactionalId: 'hostile-none', groupId: groupName(target), producerId: 77, producerEpoch: 0 }
      const answer = await target.ask(TxnOffsetCommit, 3, { ...who, generationId: 7, memberId: 'none', topics })
      target.expect(answer.topics[0]?.partitions[0]?.errorCode, [16, 22, 25, 49, 105, 48], 'TxnOffsetCommit')
    },
  },
]

export const groupAttacks: readonly Attack[] = [...joins, ...requests]
