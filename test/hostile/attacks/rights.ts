import {
  AlterClientQuotas,
  CreateAcls,
  DeleteTopics,
  DescribeGroups,
  encodeRequest,
  Fetch,
  Heartbeat,
  JoinGroup,
  LeaveGroup,
  Metadata,
  OffsetCommit,
  Produce,
} from '@rivven/protocol'
import { smallBatch } from '../../malformed/inputs/batches.js'
import { join } from '../../malformed/inputs/requests.js'
import type { Attack } from '../attackers/attack.js'
import type { HostileConnection } from '../attackers/hostile-connection.js'

const readOrders = {
  ...{ resourceType: 2, resourceName: 'orders', resourcePatternType: 3 },
  ...{ principal: 'User:alice', host: '*', operation: 3, permissionType: 3 },
}
const acls: readonly [string, object, number][] = [
  ['an unknown code', { resourceType: 99 }, 42],
  ['a name of 32 KiB', { resourceName: 'x'.repeat(32_000) }, 42],
  ['a principal that is none', { principal: 'x' }, 42],
  ['a host that is none', { host: 'not an address' }, 0],
]

/** What somebody without rights tries with what belongs to others: [what, how, code of the refusal]. */
const tries: readonly [string, (connection: HostileConnection) => Promise<number | undefined>, number][] = [
  [
    'joining a group of others',
    async (one) => (await one.call(JoinGroup, 5, { ...join, groupId: 'good-eager' })).errorCode,
    30,
  ],
  [
    'a heartbeat for others',
    async (one) => (await one.call(Heartbeat, 3, { groupId: 'good-eager', generationId: 1, memberId: 'x' })).errorCode,
    30,
  ],
  [
    'throwing out a member of others',
    async (one) =>
      (
        await one.call(LeaveGroup, 3, {
          groupId: 'good-static',
          members: [{ groupInstanceId: 'good-static-0' }],
        } as never)
      ).errorCode,
    30,
  ],
  [
    'a commit for others',
    async (one) => {
      const topics = [{ name: 'good-eager', partitions: [{ partitionIndex: 0, committedOffset: 0 }] }]
      return (await one.call(OffsetCommit, 2, { groupId: 'good-eager', topics } as never)).topics[0]?.partitions[0]
        ?.errorCode
    },
    30,
  ],
  [
    'a look at a group of others',
    async (one) => (await one.call(DescribeGroups, 5, { groups: ['good-eager'] })).groups[0]?.errorCode,
    30,
  ],
  [
    'a topic of others',
    async (one) =>
      (await one.call(Metadata, 4, { topics: [{ name: 'good-eager' }], allowAutoTopicCreation: true })).topics[0]
        ?.errorCode,
    29,
  ],
  [
    'records of others',
    async (one) => {
      const topics = [{ topic: 'good-eager', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }] }]
      return (await one.call(Fetch, 11, { maxWaitMs: 0, topics } as never)).responses[0]?.partitions[0]?.errorCode
    },
    29,
  ],
  [
    'records for others',
    async (one) => {
      const topicData = [{ name: 'good-eager', partitionData: [{ index: 0, records: smallBatch() }] }]
      const { responses } = await one.call(Produce, 8, { transactionalId: null, acks: -1, timeoutMs: 1_000, topicData })
      return responses[0]?.partitionResponses[0]?.errorCode
    },
    29,
  ],
  [
    'the end of a topic',
    async (one) => (await one.call(DeleteTopics, 4, { topicNames: ['good-eager'] })).responses[0]?.errorCode,
    29,
  ],
]

const denied = tries.map(
  ([what, how, code]): Attack => ({
    row: '§9',
    name: `without rights: ${what}`,
    isStranger: true,
    async run(target) {
      target.expect(await how(await target.logIn()), [code], 'by who has logged in')
      target.expect(await how(await target.open()), [code], 'by nobody')
    },
  }),
)

const odd = acls.map(
  ([what, change, code]): Attack => ({
    row: 'S10',
    name: `an ACL with ${what}`,
    async run(target) {
      const { results } = await target.ask(CreateAcls, 3, { creations: [{ ...readOrders, ...change }] })
      target.expect(results[0]?.errorCode, [code], what)
    },
  }),
)

function beatOf(clientId: string): Buffer {
  const beat = { groupId: 'none', generationId: 1, memberId: 'none' }
  return Buffer.concat(encodeRequest(Heartbeat, 0, { correlationId: 1, clientId }, beat))
}

const set = (value: number) => [{ key: 'producer_byte_rate', value, remove: false }]

const others: Attack[] = [
  {
    row: 'S10',
    name: 'an ACL with the code 0',
    async run(target) {
      const connection = await target.open()
      connection.call(CreateAcls, 3, { creations: [{ ...readOrders, operation: 0 }] }).catch(() => undefined)
      await target.expectClosed(connection, 'CreateAcls')
    },
  },
  {
    row: 'S10',
    name: '100,000 ACLs in a request',
    everyMs: 15_000,
    async run(target) {
      const creations = Array.from({ length: 100_000 }, (_, at) => ({ ...readOrders, resourceName: `t-${at}` }))
      const { results } = await target.ask(CreateAcls, 3, { creations })
      target.expect(results[0]?.errorCode, [44], 'CreateAcls')
    },
  },
  {
    row: 'S12',
    name: 'a quota that is no number',
    async run(target) {
      const value = target.chance.pick([Number.NaN, Number.POSITIVE_INFINITY, -0, 1e308, 5e-324, -1])
      const entries = [{ entity: [{ entityType: 'user', entityName: 'nobody' }], ops: set(value) }]
      const answer = await target.ask(AlterClientQuotas, 1, { entries, validateOnly: false })
      target.expect(answer.entries[0]?.errorCode, [42], String(value))
    },
  },
  {
    row: 'S13',
    name: '1,000 requests, each of another client id, with quotas for all of them',
    weight: 2,
    everyMs: 250,
    async run(target) {
      const connection = await target.open()
      const frames = Array.from({ length: 1_000 }, () => beatOf(`id-${target.chance.below(2 ** 32)}`))
      connection.send(Buffer.concat(frames), frames.length)
      for (const _ of frames) await connection.nextFrame()
      target.saw('answered')
    },
  },
]

export const rightsAttacks: readonly Attack[] = [...denied, ...odd, ...others]
