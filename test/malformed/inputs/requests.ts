import type { CreateTopics, JoinGroup, RequestOf } from '@rivven/protocol'

// Requests that can be read and mean nothing: the malformed-input table, rows 18 and 37.

/** One that means something. */
export const join = {
  groupId: 'g',
  sessionTimeoutMs: 30_000,
  rebalanceTimeoutMs: 30_000,
  memberId: '',
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
}

/** [what, fields, code] */
export const badJoins: readonly [string, Partial<RequestOf<typeof JoinGroup>>, number][] = [
  ['an empty group id', { groupId: '' }, 24],
  ['no member id', {}, 79],
  ['a made-up member id', { memberId: 'made-up' }, 25],
  ['a session timeout of 1 ms', { sessionTimeoutMs: 1 }, 26],
  ['a session timeout of an hour', { sessionTimeoutMs: 3_600_000 }, 26],
  ['no protocol', { protocols: [] }, 23],
  ['an empty protocol type', { protocolType: '' }, 23],
]

/** [what, fields, code] */
export const badTopics: readonly [string, Partial<RequestOf<typeof CreateTopics>['topics'][number]>, number][] = [
  ['0 partitions', { numPartitions: 0 }, 37],
  ['2^31-1 partitions', { numPartitions: 0x7fffffff }, 44],
  ['more replicas than brokers', { replicationFactor: 3 }, 38],
  ['assignments and a count', { assignments: [{ partitionIndex: 0, brokerIds: [1] }] }, 42],
  ['an unknown config', { configs: [{ name: 'no.such.config', value: '1' }] }, 40],
  ['a bad config', { configs: [{ name: 'retention.ms', value: 'soon' }] }, 40],
]
