import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerConfig } from '../../src/config/broker-config.js'
import { aloneConfig, sharedConfig } from '../../src/config/cluster-config.js'

const given = (values: Record<string, unknown>) => brokerConfig([{ from: 'test', values }])

test('segments of coordinators are small on shared storage, where they are loaded whenever they move, unless they are given', () => {
  const sizes = ({
    offsets_topic_segment_bytes: groups,
    transaction_state_log_segment_bytes: transactions,
  }: {
    readonly offsets_topic_segment_bytes: number
    readonly transaction_state_log_segment_bytes: number
  }) => [groups, transactions]
  assert.deepEqual(sizes(sharedConfig(brokerConfig())), [4_194_304, 4_194_304])
  assert.deepEqual(sizes(sharedConfig(given({ offsets_topic_segment_bytes: 9_000_000 }))), [9_000_000, 4_194_304])
  assert.deepEqual(sizes(aloneConfig(brokerConfig())), [104_857_600, 104_857_600])
})

test('a lease outlives three renewals that fail', () => {
  assert.equal(sharedConfig(given({ lease_ms: 2_000, lease_renew_ms: 500 })).lease_ms, 2_000)
  assert.throws(() => sharedConfig(given({ lease_ms: 1_999, lease_renew_ms: 500 })), {
    name: 'ConfigError',
    message: /lease_renew_ms is 500, and must be a quarter of lease_ms \(1999\) at most/,
  })
})

test('who is alone can have no replicas elsewhere', () => {
  const asked = given({ offsets_topic_replication_factor: 3 })
  assert.throws(() => aloneConfig(asked), {
    name: 'ConfigError',
    message: /this broker is alone, so only 1 is possible/,
  })
  assert.equal(sharedConfig(asked).offsets_topic_replication_factor, 3)
})
