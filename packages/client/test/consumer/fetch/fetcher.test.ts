import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorFromCode } from '@rivven/link'
import { ErrorCode, type FetchRequest } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { Fetcher } from '../../../src/consumer/fetch/fetcher.js'
import type { Positions } from '../../../src/consumer/offsets/positions.js'
import { consumerSettings } from '../../../src/consumer/options/consumer-options.js'
import { Bell } from '../../../src/consumer/state/bell.js'
import { SubscriptionState } from '../../../src/consumer/state/subscription-state.js'
import type { TopicWatch } from '../../../src/consumer/state/topic-watch.js'
import { Troubles } from '../../../src/consumer/state/troubles.js'
import type { Cluster } from '../../../src/net/cluster.js'

const clock: Clock = { now: () => 0, monotonic: () => 0, setTimer: () => ({ cancel: () => undefined }) }

/** A fetcher of these partitions of t. */
function fetcherOf(cluster: object, assigned: readonly number[] = [0]) {
  const subscription = new SubscriptionState()
  subscription.assignManually(assigned.map((partition) => ({ topic: 't', partition })))
  for (const state of subscription.assigned) state.jump({ offset: 0, leaderEpoch: -1 })
  const troubles = new Troubles(clock, 1000)
  const fetcher = new Fetcher({
    cluster: { runtime: { clock, random: { next: () => 0.5 } }, ...cluster } as unknown as Cluster,
    settings: consumerSettings({ bootstrapServers: 'unused' }),
    subscription,
    watch: { refreshSoon: () => undefined } as unknown as TopicWatch,
    positions: {} as Positions,
    troubles,
    bell: new Bell(clock),
    onHint: () => 'eager',
  })
  return { fetcher, subscription, troubles }
}

/** Of partition 0, which has no leader; `partitions` are those that the topic has, null: it is not known yet. */
function leaderless({ partitions = [0] }: { partitions?: readonly number[] | null } = {}) {
  const topic = { name: 't', errorCode: 0, partitions: partitions?.map((partition) => ({ partition, leader: -1 })) }
  const topics = new Map(partitions === null ? [] : [['t', topic]])
  return fetcherOf({ leaderOf: () => undefined, image: { topics } })
}

test('what could not be fetched is a trouble as long as there is something to fetch', () => {
  const { fetcher, subscription, troubles } = leaderless()
  fetcher.pump()
  assert.equal(troubles.present?.errorCode, ErrorCode.LEADER_NOT_AVAILABLE)
  fetcher.pump()
  assert.notEqual(troubles.present, null)
  subscription.assignManually([])
  fetcher.pump()
  assert.equal(troubles.present, null)
})

test('a paused partition that could not be fetched is no trouble', () => {
  const { fetcher, subscription, troubles } = leaderless()
  fetcher.pump()
  assert.equal(troubles.present?.message, errorFromCode(ErrorCode.LEADER_NOT_AVAILABLE, 'Fetching t/0').message)
  subscription.mustOwn({ topic: 't', partition: 0 }).isPaused = true
  fetcher.pump()
  assert.equal(troubles.present, null)
})

test('a partition that is not there waits for no election, and a topic that was not asked for yet is no trouble', () => {
  const missing = leaderless({ partitions: [1, 2] })
  missing.fetcher.pump()
  assert.equal(missing.troubles.present?.code, 'UNKNOWN_TOPIC_OR_PARTITION')
  assert.match(missing.troubles.present!.message, /^Fetching t\/0 failed: .* Check its name, or create it first\.$/)
  const unknown = leaderless({ partitions: null })
  unknown.fetcher.pump()
  assert.equal(unknown.troubles.present, null)
})

/** Leaders of partitions of t, and what is asked of them: connections to broker 1 have to be opened. */
function slowToOpen(leaders: readonly Leader[]) {
  const topic = { name: 't', id: 'an id', errorCode: 0, partitions: leaders }
  const requests: [broker: number, partition: number, epoch: number][][] = []
  const waiting: (() => void)[] = []
  const cluster = {
    image: { topics: new Map([['t', topic]]) },
    leaderOf: (_: string, partition: number) => topic.partitions[partition]!.leader,
    requestTimeoutMs: 1_000,
    async send(broker: number, _: unknown, requestFor: (version: number) => FetchRequest) {
      if (broker === 1) await new Promise<void>((resolve) => waiting.push(resolve))
      const asked = requestFor(13).topics!.flatMap(({ partitions }) => partitions!)
      requests.push(asked.map(({ partition, currentLeaderEpoch }) => [broker, partition!, currentLeaderEpoch!]))
      return new Promise(() => undefined)
    },
  }
  const { fetcher } = fetcherOf(cluster, [...leaders.keys()])
  fetcher.pump()
  const open = (now: readonly Leader[]) => {
    topic.partitions = now
    for (const opened of waiting.splice(0)) opened()
    return new Promise((resolve) => setImmediate(resolve))
  }
  return { requests, open }
}

interface Leader {
  readonly partition: number
  readonly leader: number
  readonly leaderEpoch: number
}

const ledBy = (partition: number, leader: number, leaderEpoch: number): Leader => ({ partition, leader, leaderEpoch })

test('what had to wait for a connection asks for what is to be fetched there by then, in the epoch that is known by then', async () => {
  const { requests, open } = slowToOpen([ledBy(0, 1, 0), ledBy(1, 1, 0)])
  await open([ledBy(0, 2, 1), ledBy(1, 1, 1)])
  assert.deepEqual(requests, [[[1, 1, 1]]])
})

test('and for nothing where all is led elsewhere: there it is fetched at once', async () => {
  const { requests, open } = slowToOpen([ledBy(0, 1, 0), ledBy(1, 1, 0)])
  await open([ledBy(0, 2, 1), ledBy(1, 3, 1)])
  assert.deepEqual(requests, [[[2, 0, 1]], [[3, 1, 1]]])
})
