import {
  type Api,
  DescribeConfigs,
  DescribeGroups,
  type encodeRequest,
  Fetch,
  FindCoordinator,
  Heartbeat,
  InitProducerId,
  JoinGroup,
  LeaveGroup,
  Metadata,
  OffsetCommit,
  OffsetFetch,
  SyncGroup,
} from '@rivven/protocol'
import { join } from '../../malformed/inputs/requests.js'
import type { Attack } from '../attackers/attack.js'
import type { Target } from '../attackers/target.js'

const many = <T>(count: number, element: T): T[] => Array.from({ length: count }, () => element)

/** The broker says so, or closes. */
async function isRefused<A extends Api>(
  target: Target,
  api: A,
  [version, request]: [number, Parameters<typeof encodeRequest<A>>[3]],
): Promise<void> {
  const connection = await target.open()
  const answer = await connection.call(api, version, request).catch((error: Error) => error)
  if (answer instanceof Error) target.saw('closed')
  else target.expect((answer as { errorCode?: number }).errorCode, [42], api.name)
}

/** What makes a request of a megabyte is made once. */
const tooMany: readonly [string, (target: Target) => Promise<void>][] = [
  [
    'LeaveGroup',
    (target) => isRefused(target, LeaveGroup, [3, { groupId: 'g', members: many(1_000_000, { memberId: 'm' }) }]),
  ],
  [
    'SyncGroup',
    (target) =>
      isRefused(target, SyncGroup, [
        3,
        { groupId: 'g', assignments: many(500_000, { memberId: '', assignment: Buffer.alloc(0) }) },
      ]),
  ],
  [
    'JoinGroup',
    (target) =>
      isRefused(target, JoinGroup, [
        3,
        { ...join, protocols: many(100_000, { name: 'p', metadata: Buffer.alloc(0) }) },
      ]),
  ],
  ['FindCoordinator', (target) => isRefused(target, FindCoordinator, [4, { coordinatorKeys: many(1_000_000, '') }])],
  ['DescribeGroups', (target) => isRefused(target, DescribeGroups, [5, { groups: many(1_000_000, '') }])],
  [
    'DescribeConfigs',
    (target) =>
      isRefused(target, DescribeConfigs, [
        4,
        { resources: many(300_000, { resourceType: 4, resourceName: '1' }) } as never,
      ]),
  ],
]

const millions = tooMany.map(
  ([name, run]): Attack => ({ row: '43', name: `${name} of hundreds of thousands of elements`, everyMs: 8_000, run }),
)

const others: Attack[] = [
  {
    row: '14',
    name: 'Metadata of 250,000 topics',
    everyMs: 8_000,
    async run(target) {
      const connection = await target.open()
      const topics = Array.from({ length: 250_000 }, (_, at) => ({ name: String(at) }))
      connection.call(Metadata, 4, { topics, allowAutoTopicCreation: true }).catch(() => undefined)
      await target.expectClosed(connection, 'Metadata')
    },
  },
  {
    row: '44',
    name: 'one topic, or one partition, named 20,000 times',
    everyMs: 4_000,
    async run(target) {
      const topics = many(20_000, { name: 'there' })
      target.expect(
        (await target.ask(Metadata, 4, { topics, allowAutoTopicCreation: false })).topics.length,
        [1],
        'answers',
      )
      const partitions = many(9_000, { partitionIndex: 0, committedOffset: 1 })
      const commit = { groupId: 'hostile-twice', topics: [{ name: 'there', partitions }] }
      const committed = await target.ask(OffsetCommit, 8, commit as never)
      target.saw(committed.topics[0]?.partitions[0]?.errorCode ?? 'nothing')
    },
  },
  {
    row: '45',
    name: 'answers a thousand times larger than what is asked, never read',
    everyMs: 10_000,
    async run(target) {
      const connection = await target.open()
      const partitions = Array.from({ length: 100 }, (_, partitionIndex) => ({ partitionIndex, committedOffset: 7 }))
      await connection.call(OffsetCommit, 8, {
        groupId: 'hostile-wide',
        topics: [{ name: 'wide', partitions }],
      } as never)
      connection.socket.pause()
      const groups = many(500, { groupId: 'hostile-wide', topics: null })
      for (let at = 0; at < 20; at++) connection.call(OffsetFetch, 8, { groups }).catch(() => undefined)
      await target.pause(10_000)
      target.saw('left')
    },
  },
  {
    row: '46',
    name: 'topics made by asking for them',
    async run(target) {
      const topics = Array.from({ length: 5 }, () => ({ name: `hostile-made-${target.chance.below(2 ** 32)}` }))
      const answer = await target.ask(Metadata, 4, { topics, allowAutoTopicCreation: true })
      for (const { errorCode } of answer.topics) target.expect(errorCode, [0, 3], 'Metadata')
    },
  },
  {
    row: '46',
    name: 'groups made by joining and by committing',
    async run(target) {
      const groupId = `hostile-made-${target.chance.below(2 ** 32)}`
      target.expect((await target.ask(JoinGroup, 5, { ...join, groupId })).errorCode, [79, 44, 15], 'JoinGroup')
      const topics = [{ name: 'there', partitions: [{ partitionIndex: 0, committedOffset: 1 }] }]
      const committed = await target.ask(OffsetCommit, 8, { groupId, topics } as never)
      target.expect(committed.topics[0]?.partitions[0]?.errorCode, [0, 44, 15], 'OffsetCommit')
    },
  },
  {
    row: '46',
    name: 'member ids handed out and never used',
    async run(target) {
      const connection = await target.open()
      for (let at = 0; at < 20; at++) {
        const { errorCode } = await connection.call(JoinGroup, 5, { ...join, groupId: 'hostile-ids' })
        target.expect(errorCode, [79, 81, 44, 15], 'JoinGroup')
      }
    },
  },
  {
    row: '46',
    name: 'transactional ids and producer ids',
    async run(target) {
      const connection = await target.open()
      const init = async (transactionalId: string | null) =>
        (
          await connection.call(InitProducerId, 4, {
            transactionalId,
            transactionTimeoutMs: 10_000,
            producerId: -1,
            producerEpoch: -1,
          })
        ).errorCode
      target.expect(await init(`hostile-${target.chance.below(2 ** 32)}`), [0, 44], 'InitProducerId')
      target.expect(await init(null), [0], 'InitProducerId')
    },
  },
  {
    row: '46',
    name: 'fetch sessions, and none is used again',
    async run(target) {
      const connection = await target.open()
      const partitions = Array.from({ length: 100 }, (_, partition) => ({ partition, partitionMaxBytes: 1_000 }))
      const begin = {
        maxWaitMs: 0,
        minBytes: 0,
        sessionId: 0,
        sessionEpoch: 0,
        topics: [{ topic: 'wide', partitions }],
      }
      for (let at = 0; at < 10; at++)
        target.expect((await connection.call(Fetch, 11, begin as never)).errorCode, [0], 'Fetch')
    },
  },
  {
    row: '47',
    name: 'small pieces that are kept, in chunks that are large',
    async run(target) {
      const connection = await target.open()
      // What is kept of the first must not keep the chunk that both came in.
      const groupId = 'hostile-pieces'
      const partitions = [{ partitionIndex: target.chance.below(100), committedOffset: 1, committedMetadata: 'kept' }]
      const [commit, rest] = await Promise.all([
        connection.call(OffsetCommit, 8, { groupId, topics: [{ name: 'wide', partitions }] } as never),
        connection.call(Heartbeat, 0, { groupId: 'x'.repeat(32_000), generationId: 1, memberId: 'm' }),
      ])
      target.expect(commit.topics[0]?.partitions[0]?.errorCode, [0, 44], 'OffsetCommit')
      target.expect(rest.errorCode, [25, 15], 'Heartbeat')
    },
  },
]

export const sizeAttacks: readonly Attack[] = [...millions, ...others]
