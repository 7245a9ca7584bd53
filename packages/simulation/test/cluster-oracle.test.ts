import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exchange, Seen } from '../src/history/history.js'
import { Oracle } from '../src/oracle/oracle.js'
import { quietMs } from '../src/plan/clusters.js'
import { makePlan } from '../src/plan/make-plan.js'
import type { Plan } from '../src/plan/plan.js'

/** Nobody whom other checks could miss. */
const plan: Plan = { ...makePlan(2, { brokers: 3 }), actors: [], topics: [], faults: [], activeMs: 5_000 }

/** What the oracle finds in events, each with its time. */
function foundIn(events: readonly (readonly [at: number, event: Seen])[]): string[] {
  const oracle = new Oracle(plan)
  for (const [at, event] of events) oracle.see({ ...event, at })
  oracle.end(events.at(-1)?.[0] ?? 0)
  return oracle.violations.map(({ invariant }) => invariant)
}

function led(partition: number, leader: number | null, epoch: number): Seen {
  return { kind: 'leader', topic: 'orders', topicId: 'an-id', partition, leader, epoch }
}

function exchange(name: string, facts: Partial<Exchange>): Exchange {
  const api = { name } as Exchange['api']
  const place = { host: 'someone', broker: 'broker-1', connection: 1, clientId: 'someone', version: 1 }
  return { api, ...place, sentAt: 0, answeredAt: undefined, request: {}, response: undefined, ...facts }
}

/** An empty batch at offset 0. */
function batchOf(epoch: number): Buffer {
  const batch = Buffer.alloc(61)
  batch.writeInt32BE(49, 8)
  batch.writeInt32BE(epoch, 12)
  batch.writeBigInt64BE(-1n, 43)
  return batch
}

function acknowledgedBy(broker: string): Seen {
  const topicData = [{ name: 'orders', partitionData: [{ index: 0, records: batchOf(0) }] }]
  const partitionResponses = [{ index: 0, errorCode: 0, baseOffset: 0 }]
  const response = { responses: [{ name: 'orders', partitionResponses }] }
  return { kind: 'answer', exchange: exchange('Produce', { broker, request: { topicData }, response }) }
}

function fetched(partition: object, facts: Partial<Exchange> = {}): Seen {
  const response = {
    responses: [{ topicId: 'an-id', partitions: [{ partitionIndex: 0, errorCode: 0, ...partition }] }],
  }
  return { kind: 'answer', exchange: exchange('Fetch', { ...facts, response }) }
}

const ledByAll = [0, 1, 2].map((at) => [0, led(at, at + 1, 1)] as const)

test('what a broker acknowledges lies in an epoch in which it led (37)', () => {
  const lying = (epoch: number) => [2_000, fetched({ records: batchOf(epoch), highWatermark: 1 })] as const
  const moved = [1_500, led(0, 2, 2)] as const
  const back = [4_000, led(0, 1, 3)] as const
  assert.deepEqual(foundIn([...ledByAll, [1_000, acknowledgedBy('broker-1')], moved, lying(1), back]), [])
  assert.deepEqual(foundIn([...ledByAll, [1_000, acknowledgedBy('broker-1')], moved, lying(2), back]), ['37'])
})

test('epochs by which a client asks never go back (37)', () => {
  const asks = (currentLeaderEpoch: number): Seen => {
    const request = { topics: [{ topicId: 'an-id', partitions: [{ partition: 0, currentLeaderEpoch }] }] }
    return { kind: 'request', exchange: exchange('Fetch', { request }) }
  }
  assert.deepEqual(foundIn([...ledByAll, [1, asks(1)], [2, asks(2)]]), [])
  assert.deepEqual(foundIn([...ledByAll, [1, asks(2)], [2, asks(1)]]), ['37'])
})

test('healed, partitions are led, and by all brokers (38)', () => {
  assert.deepEqual(foundIn(ledByAll), [])
  assert.deepEqual(foundIn([...ledByAll, [1, led(2, 1, 2)]]), ['38'])
  const orphan = [...ledByAll, [1, led(2, null, 2)]] as const
  assert.deepEqual(foundIn([...orphan, [15_001, { kind: 'note', text: 'late' }], [15_002, led(2, 3, 3)]]), ['38'])
})

test('a quiet group keeps its generation once it has one (39)', () => {
  const joined = (generationId: number): Seen => {
    const request = { groupId: 'quiet', memberId: 'm', groupInstanceId: null, protocols: [{ name: 'range' }] }
    const facts = { errorCode: 0, memberId: 'm', leader: 'm', protocolName: 'range', members: [], skipAssignment: true }
    return { kind: 'answer', exchange: exchange('JoinGroup', { request, response: { ...facts, generationId } }) }
  }
  const found = (at: number) => foundIn([...ledByAll, [100, joined(1)], [at, joined(2)]])
  assert.ok(!found(quietMs - 1).includes('39'))
  assert.ok(found(quietMs + 1).includes('39'))
})

test('whoever leads for a second refuses nobody, unless something went wrong (40)', () => {
  const refused = (sentAt: number) =>
    [sentAt + 1, fetched({ errorCode: 6, highWatermark: -1, records: null }, { sentAt })] as const
  const moved = [...ledByAll, [10_000, led(0, 2, 2)], [11_000, led(0, 1, 3)]] as const
  assert.deepEqual(foundIn([...moved, refused(11_900)]), [])
  assert.deepEqual(foundIn([...moved, refused(12_100)]), ['40'])
  const kill = [9_000, { kind: 'note', text: 'fault: broker kill broker-2 for 500 ms' }] as const
  assert.deepEqual(foundIn([...ledByAll, kill, ...moved.slice(3), refused(12_100)]), [])
})

test('nobody is called dead who has lost no more than its connections (40)', () => {
  const life = (incarnation: number, isGone = false): Seen => ({ kind: 'life', brokerId: 1, incarnation, isGone })
  const fault = (what: string): Seen => ({ kind: 'note', text: `fault: ${what} for 500 ms` })
  const began = [...ledByAll, [1, life(1)]] as const
  const breaks = [9_000, fault('database connections break ')] as const
  assert.deepEqual(foundIn([...began, breaks, [9_100, life(1, true)], [9_200, life(2)]]), ['40', '40'])
  const kill = [9_000, fault('broker kill broker-1')] as const
  assert.deepEqual(foundIn([...began, kill, [9_100, life(1, true)], [15_400, life(2)]]), [])
})

test('an answered commit may be older than those that another broker has answered since it was sent (17)', () => {
  const topics = (partition: object) => [{ name: 'orders', partitions: [{ partitionIndex: 0, ...partition }] }]
  const commit = (sentAt: number, broker: string, committedOffset: number) => {
    const [request, response] = [
      { groupId: 'g', memberId: '', generationIdOrMemberEpoch: -1, topics: topics({ committedOffset }) },
      { topics: topics({ errorCode: 0 }) },
    ]
    return exchange('OffsetCommit', { sentAt, broker, request, response })
  }
  /** Which offset may be there after a first commit, sent at 1, was answered at `at`, beside one of broker 2 from 10 to 20. */
  const found = (at: number, broker: string, offset: number) => {
    const [first, second] = [commit(1, broker, 5), commit(10, 'broker-2', 6)]
    const asked = { request: { groupId: 'g' }, response: { topics: topics({ committedOffset: offset, errorCode: 0 }) } }
    const fetch = exchange('OffsetFetch', { broker: 'broker-2', sentAt: 40, ...asked })
    const events: [number, Seen][] = [
      [1, { kind: 'request', exchange: first }],
      [10, { kind: 'request', exchange: second }],
      [20, { kind: 'answer', exchange: second }],
      [at, { kind: 'answer', exchange: first }],
      [40, { kind: 'request', exchange: fetch }],
      [41, { kind: 'answer', exchange: fetch }],
    ]
    return foundIn([...ledByAll, ...events.sort(([a], [b]) => a - b)])
  }
  assert.deepEqual(found(30, 'broker-1', 6), [])
  assert.deepEqual(found(30, 'broker-1', 5), [])
  assert.deepEqual(found(5, 'broker-1', 6), [])
  assert.deepEqual(found(5, 'broker-1', 5), ['17'])
  assert.deepEqual(found(30, 'broker-2', 6), ['17'], 'one broker answers in the order in which it stores')
})

test('a coordinator that loads its groups answers heartbeats of anybody, also behind a SyncGroup that it sent back to join (5)', () => {
  const of = { groupId: 'g', generationId: 1, memberId: 'nobody', groupInstanceId: null }
  const request = { ...of, assignments: [], protocols: [] }
  const asked = (name: string, errorCode: number) =>
    exchange(name, { request, response: { errorCode, memberId: '', members: [], generationId: -1 }, sentAt: 900 })
  const answer = (name: string, errorCode: number): Seen => ({ kind: 'answer', exchange: asked(name, errorCode) })
  const joined = (errorCode: number): (readonly [number, Seen])[] => {
    const join = asked('JoinGroup', errorCode)
    return (['request', 'answer'] as const).map((kind) => [1_000, { kind, exchange: join }])
  }
  const back = [4_000, led(0, 1, 3)] as const
  const loading = [...joined(14), [1_100, answer('SyncGroup', 27)], [1_200, answer('Heartbeat', 0)]] as const
  assert.deepEqual(foundIn([...ledByAll, ...loading, back]), [])
  assert.deepEqual(foundIn([...ledByAll, ...joined(25), [1_200, answer('Heartbeat', 0)], back]), ['5'])
})
