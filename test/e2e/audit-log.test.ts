import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AlterClientQuotas,
  AlterConfigs,
  AlterPartitionReassignments,
  AlterUserScramCredentials,
  type Api,
  CreateAcls,
  CreatePartitions,
  CreateTopics,
  DeleteAcls,
  DeleteGroups,
  DeleteRecords,
  DeleteTopics,
  IncrementalAlterConfigs,
  Metadata,
  OffsetCommit,
  OffsetDelete,
  WriteTxnMarkers,
} from '@rivven/protocol'
import { ownBroker } from '../support/own-broker.js'
import { RawConnection } from '../support/raw-connection.js'

interface Line {
  readonly api: string
  readonly operation: string
  readonly resource: string
  readonly outcome: string
  readonly detail?: string
}

const salt = Buffer.alloc(16, 1)
const acl = { resourceType: 2, resourceName: 'orders', resourcePatternType: 4, principal: 'User:alice', host: '*' }
const [read, allow] = [3, 3]
const anyOperation = 1
const anyPermission = 1
const filter = { resourceTypeFilter: 2, resourceNameFilter: 'orders', patternTypeFilter: 4, principalFilter: null }
const alterConfigs = (resourceName: string, name: string, value: string | null, configOperation: number) => ({
  resources: [{ resourceType: 2, resourceName, configs: [{ name, configOperation, value }] }],
})

/** What is asked, one after the other, and what the audit log tells of it. */
const changes: [api: Api, version: number, request: object, lines: string[]][] = [
  [
    CreateTopics,
    7,
    {
      topics: [
        { name: 'orders', numPartitions: 3, replicationFactor: 1, configs: [{ name: 'retention.ms', value: '1000' }] },
        { name: '..', numPartitions: 1, replicationFactor: 1 },
      ],
    },
    ['CREATE TOPIC ..: INVALID_TOPIC_EXCEPTION', 'CREATE TOPIC orders: done (3 partitions, retention.ms=1000)'],
  ],
  [CreateTopics, 7, { topics: [{ name: 'tried', numPartitions: 1, replicationFactor: 1 }], validateOnly: true }, []],
  [Metadata, 12, { topics: [{ name: 'by-name' }, { name: 'orders' }] }, ['CREATE TOPIC by-name: done (2 partitions)']],
  [
    CreatePartitions,
    3,
    { topics: [{ name: 'orders', count: 5, assignments: null }] },
    ['ALTER TOPIC orders: done (5 partitions)'],
  ],
  [
    IncrementalAlterConfigs,
    1,
    alterConfigs('orders', 'retention.ms', null, 1),
    ['ALTER_CONFIGS TOPIC orders: done (retention.ms removed)'],
  ],
  [
    IncrementalAlterConfigs,
    1,
    alterConfigs('orders', 'cleanup.policy', 'compact', 2),
    ['ALTER_CONFIGS TOPIC orders: done (cleanup.policy+=compact)'],
  ],
  [
    AlterConfigs,
    2,
    alterConfigs('orders', 'retention.ms', '5', 0),
    ['ALTER_CONFIGS TOPIC orders: done (retention.ms=5)'],
  ],
  [
    AlterConfigs,
    2,
    { resources: [{ resourceType: 4, resourceName: '1', configs: [{ name: 'ssl.key.password', value: 'pencil' }] }] },
    ['ALTER_CONFIGS BROKER 1: INVALID_CONFIG (ssl.key.password)'],
  ],
  [
    OffsetCommit,
    9,
    { groupId: 'g', topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, committedOffset: 7 }] }] },
    ['ALTER GROUP g: done (orders-0 to 7)'],
  ],
  [
    OffsetDelete,
    0,
    { groupId: 'g', topics: [{ name: 'orders', partitions: [{ partitionIndex: 0 }, { partitionIndex: 99 }] }] },
    ['DELETE GROUP g: done (offset of orders-0)', 'DELETE GROUP g: UNKNOWN_TOPIC_OR_PARTITION (offset of orders-99)'],
  ],
  [OffsetDelete, 0, { groupId: 'nobody', topics: [] }, ['DELETE GROUP nobody: GROUP_ID_NOT_FOUND (offsets)']],
  [
    DeleteGroups,
    2,
    { groupsNames: ['g', 'nobody'] },
    ['DELETE GROUP g: done', 'DELETE GROUP nobody: GROUP_ID_NOT_FOUND'],
  ],
  [
    DeleteRecords,
    2,
    { topics: [{ name: 'orders', partitions: [0, 1, 9].map((partitionIndex) => ({ partitionIndex, offset: -1 })) }] },
    [
      'DELETE TOPIC orders: done (records of partition 0 before 0, records of partition 1 before 0)',
      'DELETE TOPIC orders: UNKNOWN_TOPIC_OR_PARTITION (records of partition 9)',
    ],
  ],
  [
    WriteTxnMarkers,
    1,
    {
      markers: [{ producerId: 7, topics: [{ name: 'orders', partitionIndexes: [0, 99] }] }].map((marker) => {
        return { ...marker, producerEpoch: 0, transactionResult: false, coordinatorEpoch: 0 }
      }),
    },
    [
      'ALTER TOPIC orders: done (transaction of producer 7 aborted in partition 0)',
      'ALTER TOPIC orders: UNKNOWN_TOPIC_OR_PARTITION (transaction of producer 7 aborted in partition 99)',
    ],
  ],
  [
    AlterUserScramCredentials,
    0,
    { upsertions: [{ name: 'alice', mechanism: 2, iterations: 4096, salt, saltedPassword: Buffer.alloc(64, 2) }] },
    ['ALTER USER alice: done (SCRAM-SHA-512, 4096 iterations)'],
  ],
  [
    AlterUserScramCredentials,
    0,
    { deletions: [{ name: 'alice', mechanism: 2 }] },
    ['DELETE USER alice: done (SCRAM-SHA-512)'],
  ],
  [
    AlterClientQuotas,
    1,
    {
      entries: [
        {
          entity: [
            { entityType: 'user', entityName: 'alice' },
            { entityType: 'client-id', entityName: null },
          ],
          ops: [
            { key: 'producer_byte_rate', value: 1024, remove: false },
            { key: 'consumer_byte_rate', value: 0, remove: true },
          ],
        },
      ],
    },
    ['ALTER_CONFIGS QUOTA user=alice, client-id=<default>: done (producer_byte_rate=1024, consumer_byte_rate removed)'],
  ],
  [
    CreateAcls,
    3,
    { creations: [{ ...acl, operation: read, permissionType: allow }] },
    ['CREATE ACL TOPIC orders: done (ALLOW READ for User:alice from *, PREFIXED)'],
  ],
  [
    DeleteAcls,
    3,
    {
      filters: [1, 2].map(() => ({
        ...filter,
        hostFilter: null,
        operation: anyOperation,
        permissionType: anyPermission,
      })),
    },
    ['DELETE ACL TOPIC orders: done (ALLOW READ for User:alice from *, PREFIXED)'],
  ],
  [
    AlterPartitionReassignments,
    0,
    {
      topics: [
        {
          name: 'orders',
          partitions: [
            { partitionIndex: 0, replicas: [1] },
            { partitionIndex: 1, replicas: null },
            { partitionIndex: 2, replicas: [7] },
          ],
        },
      ],
      timeoutMs: 1000,
    },
    [
      'ALTER TOPIC orders: done (partition 0 to broker 1)',
      'ALTER TOPIC orders: NO_REASSIGNMENT_IN_PROGRESS (partition 1 to any broker)',
      'ALTER TOPIC orders: INVALID_REPLICA_ASSIGNMENT (partition 2 to broker 7)',
    ],
  ],
  [
    DeleteTopics,
    6,
    { topics: [{ name: 'orders' }, { name: 'nothing' }] },
    ['DELETE TOPIC orders: done', 'DELETE TOPIC nothing: UNKNOWN_TOPIC_OR_PARTITION'],
  ],
]

test('the audit log tells of every change what was done, resource by resource, and of nothing else', async () => {
  const lines: string[] = []
  const superUsers = { super_users: 'User:ANONYMOUS', authorizer_class_name: 'standard' }
  const broker = await ownBroker(
    { listen: '127.0.0.1:0', ...superUsers },
    { auditToStderr: (line) => lines.push(line) },
  )
  const client = await RawConnection.open(broker.address.port)
  try {
    for (const [api, version, request, expected] of changes) {
      await client.call(api, version, request)
      const told = lines.splice(0).map((line) => JSON.parse(line))
      assert.deepEqual(told.map(sentence), expected, api.name)
      for (const { principal, host, listener, clientId, api: named } of told) {
        assert.deepEqual([principal, host, listener, clientId], ['User:ANONYMOUS', '127.0.0.1', 'PLAINTEXT', 'raw'])
        assert.equal(named, api.name)
      }
    }
  } finally {
    client.destroy()
    await broker.close()
  }
})

function sentence({ operation, resource, outcome, detail }: Line): string {
  return `${operation} ${resource}: ${outcome}${detail === undefined ? '' : ` (${detail})`}`
}
