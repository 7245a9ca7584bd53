import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeClock } from '@rivven/runtime'
import type { Move } from '../../src/cluster/placement/plan-moves.js'
import type { BrokerServices, RequestContext } from '../../src/handlers/handler.js'
import { handleListPartitionReassignments } from '../../src/handlers/topics/list-partition-reassignments.js'
import { imageOf, nodeOf } from '../cluster/image-fixture.js'
import { openAccess } from './open-access.js'

type Answer = { readonly topics: unknown }

const image = imageOf({
  brokers: [1, 2, 3].map((id) => nodeOf(id)),
  topics: ['single', 'pairs'].map((name, topic) => ({
    name,
    id: name,
    partitions: [1, 2].map((leader, index) => ({ partId: topic * 10 + index, leader, epoch: 4 })),
  })),
})
const move = (partId: number, from: number, to: number): Move => ({ partId, epoch: 4, from, to, why: 'drain' })
const catalog = { topic: (name: string) => ({ replicationFactor: name === 'pairs' ? 2 : 1 }) }

async function listed(moves: readonly Move[], asked: Record<string, number[]> | null = null) {
  const cluster = { image, moves }
  const services = { cluster, catalog, runtime: { clock: nodeClock } } as unknown as BrokerServices
  const topics = asked && Object.entries(asked).map(([name, partitionIndexes]) => ({ name, partitionIndexes }))
  const context = { apiVersion: 0, access: openAccess } as RequestContext
  const answer = (await handleListPartitionReassignments.handle({ timeoutMs: 1, topics }, services, context)) as Answer
  return answer.topics
}

const moving = (partitionIndex: number, replicas: number[], addingReplicas: number[], removingReplicas: number[]) => ({
  ...{ partitionIndex, replicas, addingReplicas, removingReplicas },
})

test('partitions whose leader is going to be another one are listed with the replicas that come and go', async () => {
  const topics = [
    { name: 'single', partitions: [moving(1, [3, 2], [3], [2])] },
    { name: 'pairs', partitions: [moving(0, [3, 1, 2], [3], [2])] },
  ]
  assert.deepEqual(await listed([move(10, 1, 3), move(1, 2, 3)]), topics)
  assert.deepEqual(await listed([]), [])
})

test('of what was asked for only those are listed that move', async () => {
  const moves = [move(1, 2, 3), move(10, 1, 3)]
  const single = { name: 'single', partitions: [moving(1, [3, 2], [3], [2])] }
  assert.deepEqual(await listed(moves, { single: [0, 1, 7], other: [0] }), [single])
  assert.deepEqual(await listed(moves, { pairs: [1] }), [])
  assert.deepEqual(await listed(moves, {}), [])
})
