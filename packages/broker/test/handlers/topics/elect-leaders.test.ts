import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ElectLeaders, ErrorCode } from '@rivven/protocol'
import type { BrokerServices, RequestContext } from '../../../src/handlers/handler.js'
import { handleElectLeaders } from '../../../src/handlers/topics/elect-leaders.js'
import { imageOf, nodeOf } from '../../cluster/image-fixture.js'
import { openAccess } from '../open-access.js'

const topics = [
  {
    name: 'orders',
    id: 'o',
    partitions: [1, 2, null].map((leader, at) => ({ partId: at + 1, leader, epoch: 0 })),
  },
]
/** Broker 2 is gone. */
const cluster = { image: imageOf({ brokers: [nodeOf(1), nodeOf(3)], topics }) }

function elected(electionType: number, topicPartitions: { topic: string; partitions: number[] }[] | null) {
  const request = { electionType, topicPartitions, timeoutMs: 1_000 }
  const context = { access: openAccess } as unknown as RequestContext
  const answer = handleElectLeaders.handle(request, { cluster } as unknown as BrokerServices, context)
  const { replicaElectionResults } = answer as {
    replicaElectionResults: { topic: string; partitionResult: { partitionId: number; errorCode: number }[] }[]
  }
  return replicaElectionResults.flatMap(({ topic, partitionResult }) =>
    partitionResult.map(({ partitionId, errorCode }) => [`${topic}-${partitionId}`, errorCode]),
  )
}

test('nothing is elected for the asking: whoever leads is the preferred leader, and where nobody does brokers see to it', () => {
  const { api } = handleElectLeaders
  assert.equal(api, ElectLeaders)
  assert.deepEqual(elected(0, [{ topic: 'orders', partitions: [0, 1, 2, 3] }]), [
    ['orders-0', ErrorCode.ELECTION_NOT_NEEDED],
    ['orders-1', ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE],
    ['orders-2', ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE],
    ['orders-3', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
  ])
  assert.deepEqual(elected(1, [{ topic: 'orders', partitions: [2] }]), [
    ['orders-2', ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE],
  ])
})

test('without a list those are told that have no leader', () => {
  assert.deepEqual(elected(0, null), [
    ['orders-1', ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE],
    ['orders-2', ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE],
  ])
})
