// What is sent: one request of each API with as many elements as the broker takes, and few that are small but many.
import {
  AddPartitionsToTxn,
  AlterConfigs,
  BatchBuilder,
  CreatePartitions,
  CreateTopics,
  DeleteGroups,
  DeleteRecords,
  DeleteTopics,
  DescribeConfigs,
  DescribeGroups,
  DescribeLogDirs,
  DescribeProducers,
  DescribeTransactions,
  Fetch,
  FindCoordinator,
  IncrementalAlterConfigs,
  JoinGroup,
  LeaveGroup,
  ListGroups,
  ListOffsets,
  ListTransactions,
  Metadata,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
  OffsetForLeaderEpoch,
  Produce,
  SyncGroup,
  TxnOffsetCommit,
} from '@rivven/protocol'

/** `max_request_elements`, and what is left of it for APIs that take a fifth (net/element-limits.ts). */
const limit = 100_000
const fifth = limit / 5
const tenth = limit / 10
/** Partitions of each of the topics that setup.mjs makes. */
const width = 10_000
const topicType = 2
const brokerType = 4

const list = (count, make) => Array.from({ length: count }, (_, at) => make(at))
const names = (count, prefix) => list(count, (at) => `${prefix}${at}`)
const wide = (at) => `wide-${at}`

/** So many elements as partitions of so many of the wide topics, which may be named again. */
function partitionsOfTopics(elements, key, make, topics = 9) {
  const count = Math.ceil(elements / width)
  const named = (at) => ({ name: wide(at % topics), topic: wide(at % topics) })
  return list(count, (at) => ({ ...named(at), [key]: list(elements / count - 1, make) }))
}

function smallBatch() {
  const timestamp = Date.now()
  const builder = new BatchBuilder({ baseTimestamp: timestamp, initialBytes: 256 })
  builder.append({ key: null, value: Buffer.from('v'), timestamp })
  return builder.build()
}

const resources = (count, type, resourceName, more = {}) =>
  list(count, (at) => ({ resourceType: type, resourceName: resourceName(at), ...more }))
const offset = (partitionIndex) => ({
  partitionIndex,
  committedOffset: 5,
  committedLeaderEpoch: -1,
  committedMetadata: '',
})
const transaction = { groupId: 'in-transaction', generationId: -1, memberId: '', groupInstanceId: null }
const oneJoin = { sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 60_000, protocolType: 'consumer' }

/** [name, API, version, request of what setup.mjs has made] */
export const single = [
  [
    'Metadata, new names',
    Metadata,
    4,
    () => ({ topics: list(limit, (at) => ({ name: `new-${at}` })), allowAutoTopicCreation: true }),
  ],
  ['Metadata, all topics', Metadata, 9, () => ({ topics: null })],
  [
    'DescribeConfigs, one broker',
    DescribeConfigs,
    4,
    () => ({ resources: resources(limit, brokerType, () => '1', { configurationKeys: null }) }),
  ],
  [
    'DescribeConfigs, names',
    DescribeConfigs,
    4,
    () => ({ resources: resources(limit, topicType, (at) => `n${at}`, { configurationKeys: null }) }),
  ],
  ['FindCoordinator', FindCoordinator, 4, () => ({ keyType: 0, coordinatorKeys: names(limit, 'g') })],
  ['DescribeGroups', DescribeGroups, 5, () => ({ groups: names(limit, 'g') })],
  ['DeleteGroups', DeleteGroups, 2, () => ({ groupsNames: names(limit, 'no-') })],
  ['LeaveGroup', LeaveGroup, 5, () => ({ groupId: 'g', members: list(limit / 10, (at) => ({ memberId: `m${at}` })) })],
  [
    'JoinGroup',
    JoinGroup,
    5,
    () => ({
      ...oneJoin,
      groupId: 'one',
      protocols: list(limit / 100, (at) => ({ name: `p${at}`, metadata: Buffer.alloc(900) })),
    }),
  ],
  [
    'SyncGroup',
    SyncGroup,
    5,
    () => ({
      groupId: 'g',
      generationId: 1,
      memberId: 'm',
      assignments: list(limit, (at) => ({ memberId: `m${at}`, assignment: Buffer.alloc(8) })),
    }),
  ],
  [
    'Produce, first records',
    Produce,
    9,
    () => ({
      acks: 1,
      timeoutMs: 9_000,
      topicData: partitionsOfTopics(fifth, 'partitionData', (index) => ({ index, records: smallBatch() }), 1),
    }),
  ],
  [
    'Produce',
    Produce,
    9,
    () => ({
      acks: 1,
      timeoutMs: 9_000,
      topicData: partitionsOfTopics(fifth, 'partitionData', (index) => ({ index, records: smallBatch() }), 1),
    }),
  ],
  [
    'Fetch',
    Fetch,
    11,
    () => ({
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 50e6,
      isolationLevel: 0,
      topics: partitionsOfTopics(
        fifth,
        'partitions',
        (partition) => ({
          partition,
          fetchOffset: 0,
          partitionMaxBytes: 1e6,
        }),
        1,
      ),
    }),
  ],
  [
    'Fetch, waiting',
    Fetch,
    11,
    () => ({
      maxWaitMs: 500,
      minBytes: 1,
      maxBytes: 50e6,
      isolationLevel: 0,
      topics: partitionsOfTopics(
        fifth,
        'partitions',
        (partition) => ({
          partition,
          fetchOffset: 2,
          partitionMaxBytes: 1e6,
        }),
        1,
      ),
    }),
  ],
  [
    'ListOffsets',
    ListOffsets,
    7,
    () => ({
      replicaId: -1,
      isolationLevel: 0,
      topics: partitionsOfTopics(limit, 'partitions', (partitionIndex) => ({ partitionIndex, timestamp: -1 })),
    }),
  ],
  [
    'OffsetForLeaderEpoch',
    OffsetForLeaderEpoch,
    4,
    () => ({
      replicaId: -1,
      topics: partitionsOfTopics(limit, 'partitions', (partition) => ({
        partition,
        currentLeaderEpoch: -1,
        leaderEpoch: 0,
      })),
    }),
  ],
  [
    'DeleteRecords',
    DeleteRecords,
    2,
    () => ({
      timeoutMs: 9_000,
      topics: partitionsOfTopics(fifth, 'partitions', (partitionIndex) => ({ partitionIndex, offset: 1 }), 1),
    }),
  ],
  [
    'DescribeProducers',
    DescribeProducers,
    0,
    () => ({ topics: partitionsOfTopics(limit, 'partitionIndexes', (at) => at) }),
  ],
  ['DescribeLogDirs', DescribeLogDirs, 4, () => ({ topics: null })],
  [
    'OffsetCommit',
    OffsetCommit,
    8,
    () => ({
      groupId: 'large',
      generationIdOrMemberEpoch: -1,
      memberId: '',
      topics: partitionsOfTopics(tenth - 2, 'partitions', offset),
    }),
  ],
  [
    'OffsetFetch, partitions',
    OffsetFetch,
    8,
    () => ({
      groups: [
        {
          groupId: 'large',
          topics: list(10, (at) => ({ name: wide(at % 2), partitionIndexes: list(width - 2, (index) => index) })),
        },
      ],
    }),
  ],
  [
    'OffsetFetch, groups',
    OffsetFetch,
    8,
    () => ({ groups: names(limit, 'g').map((groupId) => ({ groupId, topics: null })) }),
  ],
  [
    'OffsetDelete',
    OffsetDelete,
    0,
    () => ({
      groupId: 'large',
      topics: partitionsOfTopics(tenth - 2, 'partitions', (partitionIndex) => ({ partitionIndex })),
    }),
  ],
  [
    'AddPartitionsToTxn',
    AddPartitionsToTxn,
    3,
    ({ producer }) => ({
      v3AndBelowTransactionalId: 'tx',
      v3AndBelowProducerId: producer.producerId,
      v3AndBelowProducerEpoch: producer.producerEpoch,
      v3AndBelowTopics: partitionsOfTopics(fifth, 'partitions', (at) => at),
    }),
  ],
  [
    'AddPartitionsToTxn, many ids',
    AddPartitionsToTxn,
    4,
    () => ({
      transactions: list(fifth / 3, (at) => ({
        transactionalId: `t${at}`,
        producerId: 1,
        producerEpoch: 0,
        verifyOnly: true,
        topics: [{ name: wide(0), partitions: [at % width] }],
      })),
    }),
  ],
  [
    'TxnOffsetCommit',
    TxnOffsetCommit,
    3,
    ({ producer }) => ({
      ...transaction,
      ...producer,
      transactionalId: 'tx',
      topics: partitionsOfTopics(tenth - 2, 'partitions', offset),
    }),
  ],
  ['DescribeTransactions', DescribeTransactions, 0, () => ({ transactionalIds: names(limit, 't') })],
  ['ListGroups', ListGroups, 4, () => ({ statesFilter: [] })],
  ['ListTransactions', ListTransactions, 1, () => ({ stateFilters: [], producerIdFilters: [], durationFilter: -1 })],
  [
    'ListTransactions, filters',
    ListTransactions,
    1,
    () => ({ stateFilters: [], producerIdFilters: list(limit / 10, (at) => at + 1e6), durationFilter: -1 }),
  ],
  [
    'CreateTopics, one name',
    CreateTopics,
    5,
    () => ({
      timeoutMs: 9_000,
      validateOnly: false,
      topics: list(limit, () => ({ name: 'same', numPartitions: 1, replicationFactor: 1 })),
    }),
  ],
  [
    'CreateTopics, names',
    CreateTopics,
    5,
    () => ({
      timeoutMs: 9_000,
      validateOnly: false,
      topics: list(limit, (at) => ({ name: `made-${at}`, numPartitions: 1, replicationFactor: 1 })),
    }),
  ],
  [
    'CreatePartitions',
    CreatePartitions,
    3,
    () => ({ timeoutMs: 9_000, validateOnly: false, topics: list(limit, (at) => ({ name: `made-${at}`, count: 2 })) }),
  ],
  [
    'AlterConfigs',
    AlterConfigs,
    2,
    () => ({
      validateOnly: false,
      resources: resources(limit / 2, topicType, (at) => `made-${at}`, {
        configs: [{ name: 'retention.ms', value: '9000' }],
      }),
    }),
  ],
  [
    'IncrementalAlterConfigs',
    IncrementalAlterConfigs,
    1,
    () => ({
      validateOnly: false,
      resources: resources(limit / 2, topicType, (at) => `made-${at}`, {
        configs: [{ name: 'retention.ms', configOperation: 0, value: '8000' }],
      }),
    }),
  ],
  [
    'DeleteTopics',
    DeleteTopics,
    6,
    () => ({ timeoutMs: 9_000, topics: list(fifth, (at) => ({ name: `made-${at}` })) }),
  ],
  ['FindCoordinator, refused', FindCoordinator, 4, () => ({ keyType: 0, coordinatorKeys: names(50 * limit, 'g') })],
]

/** Many small requests: [name, API, version, request, how many, on how many connections] */
export const many = [
  ['OffsetFetch × 2,500, one large group', OffsetFetch, 7, () => ({ groupId: 'large-kept', topics: null }), 2_500, 1],
  [
    'JoinGroup × 100,000, one parked member',
    JoinGroup,
    5,
    ({ parkedId }) => ({
      ...oneJoin,
      groupId: 'parked',
      memberId: parkedId,
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    }),
    100_000,
    2,
  ],
  ['DescribeGroups × 20,000', DescribeGroups, 5, () => ({ groups: ['g1'] }), 20_000, 1],
  ['Metadata × 200, all topics', Metadata, 9, () => ({ topics: null }), 200, 1],
]
