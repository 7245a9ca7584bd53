import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorFromCode } from '@rivven/link'
import { ErrorCode } from '@rivven/protocol'
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

/** A fetcher of partition 0 of t, which has no leader; `partitions` are those that the topic has, null: it is not known yet. */
function leaderless({ partitions = [0] }: { partitions?: readonly number[] | null } = {}) {
  const topic = { name: 't', errorCode: 0, partitions: partitions?.map((partition) => ({ partition, leader: -1 })) }
  const topics = new Map(partitions === null ? [] : [['t', topic]])
  const subscription = new SubscriptionState()
  subscription.assignManually([{ topic: 't', partition: 0 }])
  subscription.mustOwn({ topic: 't', partition: 0 }).jump({ offset: 0, leaderEpoch: -1 })
  const troubles = new Troubles(clock, 1000)
  const fetcher = new Fetcher({
    cluster: { runtime: { clock }, leaderOf: () => undefined, image: { topics } } as unknown as Cluster,
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
