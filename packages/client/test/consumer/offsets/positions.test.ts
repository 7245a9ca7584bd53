import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorFromCode, RivvenError } from '@rivven/link'
import { ErrorCode, INT64_MAX, type ListOffsetsResponse, ZERO_UUID } from '@rivven/protocol'
import { CommittedOffsets } from '../../../src/consumer/offsets/committed-offsets.js'
import { Positions } from '../../../src/consumer/offsets/positions.js'
import { TopicsMadeAnew } from '../../../src/consumer/offsets/topics-made-anew.js'
import { consumerSettings } from '../../../src/consumer/options/consumer-options.js'
import { Bell } from '../../../src/consumer/state/bell.js'
import type { PartitionState } from '../../../src/consumer/state/partition-state.js'
import { SubscriptionState } from '../../../src/consumer/state/subscription-state.js'
import type { TopicWatch } from '../../../src/consumer/state/topic-watch.js'
import { Troubles } from '../../../src/consumer/state/troubles.js'
import type { Cluster } from '../../../src/net/cluster.js'
import type { ClusterImage } from '../../../src/net/cluster-image.js'
import type { GroupRequests } from '../../../src/net/group-requests.js'
import type { TopicPartition } from '../../../src/topic-partition.js'

/** Time that the test moves. */
function steppedClock() {
  const timers: (() => void)[] = []
  const setTimer = (_: number, callback: () => void) => {
    timers.push(callback)
    return { cancel: () => undefined }
  }
  const fire = () => {
    for (const call of timers.splice(0)) call()
  }
  return {
    clock: { now: () => 0, monotonic: () => 0, setTimer },
    fire,
  }
}

/** Answers to OffsetFetch and ListOffsets, one after the other: an offset, or an error code. */
interface Script {
  committed?: (number | { code: number })[]
  listed?: (number | { code: number })[]
  autoOffsetReset?: 'earliest' | 'latest' | 'none'
  /** So many partitions, each led by the broker of its number; of one. */
  partitions?: number
  /** In the place of what is `listed`. */
  send?: (broker: number) => Promise<Pick<ListOffsetsResponse, 'topics'>>
}

function listedOffset(partitionIndex: number, offset: number, errorCode = 0): Pick<ListOffsetsResponse, 'topics'> {
  const partition = { partitionIndex, errorCode, offset, timestamp: -1, leaderEpoch: 0 }
  return { topics: [{ name: 't', partitions: [partition] }] }
}

function positionsOf({ committed = [], listed = [], autoOffsetReset = 'earliest', partitions = 1, send }: Script) {
  const { clock, fire } = steppedClock()
  const asked: string[] = []
  const next = (script: (number | { code: number })[], what: string) => {
    asked.push(what)
    return script.shift() ?? { code: ErrorCode.UNKNOWN_SERVER_ERROR }
  }
  const subscription = new SubscriptionState()
  subscription.subscribe(['t'])
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic: 't', partition }))
  subscription.replaceAssignment(places)
  const listAnswer = (): Pick<ListOffsetsResponse, 'topics'> => {
    const answer = next(listed, 'listed')
    const [errorCode, offset] = typeof answer === 'number' ? [0, answer] : [answer.code, -1]
    return listedOffset(0, offset, errorCode)
  }
  const image = { topics: new Map() }
  const cluster = {
    runtime: { clock, random: { next: () => 0.5 } },
    image,
    leaderOf: (_: string, partition: number) => partition,
    metadata: async () => image,
    send: async (broker: number) => (send ? send(broker) : listAnswer()),
  } as unknown as Cluster
  const offsets = {
    ask: async (partitions: readonly TopicPartition[]) => {
      const answer = next(committed, 'committed')
      if (typeof answer !== 'number')
        throw errorFromCode(answer.code, 'Asking', { retriable: answer.code === 16 || undefined })
      return partitions.map((place) => ({ ...place, offset: answer, leaderEpoch: -1, metadata: '' }))
    },
  } as unknown as CommittedOffsets
  const watch = { refreshSoon: () => undefined, ask: async () => image } as unknown as TopicWatch
  const warnings: string[] = []
  const logger = { warn: (text: string) => void warnings.push(text) }
  const settings = consumerSettings({ bootstrapServers: 'unused', groupId: 'g', autoOffsetReset, logger })
  const bell = new Bell(clock)
  const troubles = new Troubles(clock, 1000)
  const positions = new Positions({ cluster, settings, subscription, committed: offsets, watch, troubles, bell })
  /** One lookup, and the pause after it. */
  const lookUp = async () => {
    positions.update()
    await new Promise((resolve) => setImmediate(resolve))
    fire()
  }
  const state = subscription.of('t', 0) as PartitionState
  return { state, subscription, positions, troubles, asked, lookUp, warnings }
}

test('a partition begins at its committed offset, whatever the reset policy', async () => {
  const { state, asked, lookUp } = positionsOf({ committed: [7], autoOffsetReset: 'latest' })
  await lookUp()
  assert.equal(state.position?.offset, 7)
  assert.deepEqual(asked, ['committed'])
})

test('errors that may pass never lead to a reset', async () => {
  const codes = [ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.NOT_COORDINATOR, ErrorCode.UNSTABLE_OFFSET_COMMIT]
  const { state, asked, lookUp } = positionsOf({ committed: [...codes.map((code) => ({ code })), 3] })
  for (const _ of codes) {
    await lookUp()
    assert.equal(state.phase.kind, 'committed')
    assert.equal(state.position, null)
  }
  await lookUp()
  assert.equal(state.position?.offset, 3)
  assert.deepEqual(asked, ['committed', 'committed', 'committed', 'committed'])
})

test('without a committed offset the policy is applied, as often as it takes', async () => {
  const { state, lookUp } = positionsOf({ committed: [-1], listed: [{ code: ErrorCode.NOT_LEADER_OR_FOLLOWER }, 12] })
  await lookUp()
  assert.equal(state.phase.kind, 'reset')
  await lookUp()
  assert.deepEqual([state.phase.kind, state.position?.offset], ['ready', 12])
})

test('who goes on elsewhere because its place is gone says so, and from where on', async () => {
  const { state, positions, lookUp, warnings } = positionsOf({ committed: [7], listed: [120] })
  await lookUp()
  assert.deepEqual(warnings, [])
  positions.outOfRange(state)
  await lookUp()
  assert.equal(state.position?.offset, 120)
  assert.deepEqual(warnings, [
    'Offset 7 of t/0 does not exist (any more). It is read on from offset 120 (autoOffsetReset earliest).',
  ])
})

test('a leader that hangs holds up its own partitions alone', async () => {
  let answer: (listed: Pick<ListOffsetsResponse, 'topics'>) => void = () => undefined
  const hanging = new Promise<Pick<ListOffsetsResponse, 'topics'>>((resolve) => {
    answer = resolve
  })
  const send = async (broker: number) => (broker === 1 ? hanging : listedOffset(broker, 10 + broker))
  const { subscription, lookUp } = positionsOf({ committed: [-1], partitions: 3, send })
  await lookUp()
  const offsets = () => [0, 1, 2].map((partition) => subscription.of('t', partition)?.position?.offset)
  assert.deepEqual(offsets(), [10, undefined, 12])
  answer(listedOffset(1, 11))
  await hanging
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(offsets(), [10, 11, 12])
})

test('what is assigned while a leader hangs is looked up all the same', async () => {
  const send = async (broker: number) => (broker === 1 ? new Promise<never>(() => undefined) : listedOffset(broker, 20))
  const { subscription, asked, lookUp } = positionsOf({ committed: [-1, -1], partitions: 2, send })
  await lookUp()
  const places = [0, 1, 2].map((partition) => ({ topic: 't', partition }))
  subscription.replaceAssignment(places)
  await lookUp()
  await lookUp()
  assert.deepEqual(
    places.map(({ partition }) => subscription.of('t', partition)?.phase.kind),
    ['ready', 'reset', 'ready'],
  )
  assert.deepEqual(asked, ['committed', 'committed'], 'nothing is asked twice')
})

test('what cannot pass is told by poll, and asked again by the next one', async () => {
  const { troubles, state, lookUp } = positionsOf({ committed: [{ code: ErrorCode.GROUP_AUTHORIZATION_FAILED }, 5] })
  await lookUp()
  assert.throws(
    () => troubles.throwIfDue(),
    (error) => error instanceof RivvenError && error.code === 'AUTHORIZATION_FAILED',
  )
  await lookUp()
  assert.equal(state.position?.offset, 5)
})

test('an offset that no number is exactly is never a position: poll says what the broker answered', async () => {
  for (const offset of [INT64_MAX, 2 ** 53]) {
    const { troubles, state, lookUp } = positionsOf({ committed: [-1], listed: [offset, 12] })
    await lookUp()
    assert.throws(() => troubles.throwIfDue(), { code: 'INVALID_RESPONSE' })
    assert.equal(state.phase.kind, 'reset')
    await lookUp()
    assert.equal(state.position?.offset, 12)
  }
})

test('nor is such a committed offset', async () => {
  const partitions = [{ partitionIndex: 3, committedOffset: INT64_MAX, errorCode: 0 }]
  const send = async () => ({ groups: [], errorCode: 0, topics: [{ name: 't', partitions }] })
  const requests = { groupId: 'g', send, movedBy: () => false } as unknown as GroupRequests
  await assert.rejects(new CommittedOffsets({} as Cluster, requests).ask([{ topic: 't', partition: 3 }]), {
    code: 'INVALID_RESPONSE',
    message: /of t\/3 beyond 2\^53/,
  })
})

test('with policy none poll throws until somebody seeks', async () => {
  const { state, positions, lookUp } = positionsOf({ committed: [-1], autoOffsetReset: 'none' })
  await lookUp()
  for (let poll = 0; poll < 2; poll++)
    assert.throws(() => positions.update(), /No offset is committed by group g for t\/0/)
  state.jump({ offset: 4, leaderEpoch: -1 })
  positions.update()
})

test('a partition that is given up takes with it what was wrong with it', async () => {
  const { subscription, positions, troubles, lookUp } = positionsOf({
    committed: [{ code: ErrorCode.NOT_COORDINATOR }],
  })
  await lookUp()
  assert.equal(troubles.present?.code, 'NOT_COORDINATOR')
  subscription.replaceAssignment([])
  positions.update()
  assert.equal(troubles.present, null)
})

test('an answer that comes after a seek is dropped', async () => {
  const { state, positions, lookUp } = positionsOf({ committed: [7] })
  positions.update()
  state.jump({ offset: 2, leaderEpoch: -1 })
  await lookUp()
  assert.equal(state.position?.offset, 2)
})

test('a topic with another id starts over once, whatever a broker that is behind says afterwards', () => {
  const warnings: string[] = []
  const settings = consumerSettings({
    bootstrapServers: 'unused',
    autoOffsetReset: 'earliest',
    logger: { warn: (text) => void warnings.push(text) },
  })
  const subscription = new SubscriptionState()
  subscription.assignManually([{ topic: 't', partition: 0 }])
  const [state] = [...subscription.assigned]
  const resets: string[] = []
  const topics = new TopicsMadeAnew({ settings, subscription, reset: (_, why) => void resets.push(why) })
  const imageOf = (id: string, errorCode = 0) =>
    ({ topics: new Map([['t', { id, errorCode }]]) }) as unknown as ClusterImage
  topics.check(imageOf('old'))
  state!.jump({ offset: 7, leaderEpoch: 0 })
  state!.committedOffset = 7
  topics.check(imageOf('new', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
  topics.check(imageOf(ZERO_UUID))
  assert.deepEqual([state!.delivered?.offset, resets.length], [7, 0])
  topics.check(imageOf('new'))
  assert.deepEqual([state!.delivered, state!.handled, state!.committedOffset, resets.length], [null, null, -1, 1])
  topics.check(imageOf('old'))
  topics.check(imageOf('new'))
  assert.deepEqual([resets.length, warnings.length], [1, 1])
})
