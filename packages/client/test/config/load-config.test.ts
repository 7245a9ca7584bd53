import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Disk } from '@rivven/runtime'
import type { consumerKeys, producerKeys } from '../../src/config/client-keys.js'
import { type ConfigPlaces, loadConsumerConfig, loadProducerConfig } from '../../src/config/load-config.js'
import type { ConsumerOptions } from '../../src/consumer/options/consumer-options.js'
import type { ProducerOptions } from '../../src/producer/producer-options.js'

type SnakeCase<Word extends string> = Word extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : ''
type Unknown<Options, Keys> = Exclude<
  SnakeCase<Extract<keyof Options, string>>,
  keyof Keys | 'runtime' | 'partitioner' | 'logger' | 'ssl' | 'sasl'
>

/** The world in which this is rivven.yaml. */
function places(yaml: string, env: Record<string, string> = {}): ConfigPlaces {
  const readFile = async () => Buffer.from(yaml)
  return { env, runtime: { disk: { readFile } as unknown as Disk } }
}

const refusal = (yaml: string, message: RegExp, env = {}) =>
  assert.rejects(loadConsumerConfig(places(yaml, env)), { code: 'INVALID_CONFIG', message })

test('every option has a key, but for those that are code', () => {
  const isComplete: [
    Unknown<ConsumerOptions, typeof consumerKeys> | Unknown<ProducerOptions, typeof producerKeys>,
  ] extends [never]
    ? true
    : Unknown<ConsumerOptions, typeof consumerKeys> | Unknown<ProducerOptions, typeof producerKeys> = true
  assert.ok(isComplete)
})

test('a consumer takes its section of the file', async () => {
  const yaml = `
consumer:
  group_id: order-processors
  partition_assignment_strategy: cooperative_sticky   # or: rebalance_protocol: cooperative
  group_instance_id: order-processor-0
  session_timeout_ms: 45000
  heartbeat_interval_ms: 3000
  max_poll_interval_ms: 300000
  enable_auto_commit: true
  auto_commit_interval_ms: 5000
producer:
  linger_ms: 5
`
  assert.deepEqual(await loadConsumerConfig(places(yaml)), {
    bootstrapServers: ['localhost:9092'],
    groupId: 'order-processors',
    partitionAssignmentStrategy: ['cooperative_sticky'],
    groupInstanceId: 'order-processor-0',
    sessionTimeoutMs: 45_000,
    heartbeatIntervalMs: 3000,
    maxPollIntervalMs: 300_000,
    enableAutoCommit: true,
    autoCommitIntervalMs: 5000,
  })
  assert.deepEqual(await loadProducerConfig(places(yaml)), { bootstrapServers: ['localhost:9092'], lingerMs: 5 })
})

test('the environment counts more than the file, and its text becomes what the key is', async () => {
  const env = {
    RIVVEN_GROUP_ID: '42',
    RIVVEN_ENABLE_AUTO_COMMIT: 'false',
    RIVVEN_SESSION_TIMEOUT_MS: '9000',
    RIVVEN_BOOTSTRAP_SERVERS: 'a:1, b:2',
    RIVVEN_REBALANCE_PROTOCOL: 'cooperative',
    RIVVEN_NUM_PARTITIONS: '3',
  }
  const config = await loadConsumerConfig(places('consumer:\n  group_id: file\n  client_id: 7\n', env))
  assert.deepEqual(config, {
    bootstrapServers: ['a:1', 'b:2'],
    clientId: '7',
    groupId: '42',
    enableAutoCommit: false,
    sessionTimeoutMs: 9000,
    rebalanceProtocol: 'cooperative',
  })
})

test('unknown keys are refused with the nearest one, and values with what they must be', async () => {
  await refusal(
    'consumer:\n  group_instance: x\n',
    /sets group_instance in consumer:.*Did you mean group_instance_id\?/,
  )
  await refusal('consumer:\n  session.timeout.ms: 1\n', /Did you mean session_timeout_ms\?/)
  await refusal('consumer:\n  linger_ms: 1\n', /which no consumer knows/)
  await refusal('consumer:\n  constructor: 1\n', /which no consumer knows/)
  await refusal(
    'consumer:\n  session_timeout_ms: soon\n',
    /session_timeout_ms \(rivven.yaml\) is "soon": .*whole number/,
  )
  await refusal('consumer: {}', /enable_auto_commit \(the environment\) is "yes": it must be true or false/, {
    RIVVEN_ENABLE_AUTO_COMMIT: 'yes',
  })
})

test('acks is a word or a number', async () => {
  assert.equal((await loadProducerConfig(places('producer:\n  acks: all\n'))).acks, 'all')
  assert.equal((await loadProducerConfig(places('producer: {}', { RIVVEN_ACKS: '1' }))).acks, 1)
})
