import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Disk } from '@rivven/runtime'
import { brokerConfig } from '../../src/config/broker-config.js'
import { ConfigError } from '../../src/config/config-error.js'
import { type ConfigInput, loadBrokerConfig } from '../../src/config/config-sources.js'
import { listenersOf } from '../../src/config/listeners/listeners.js'
import { ConfigSource, effectiveConfig, topicConfigFault, topicLogConfig } from '../../src/config/topic-configs.js'

/** A disk with these files. */
function disk(files: Record<string, string>): Disk {
  const readFile = async (path: string): Promise<Buffer> => {
    const content = files[path]
    if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return Buffer.from(content)
  }
  return { readFile } as unknown as Disk
}

const load = (input: Partial<ConfigInput>) => loadBrokerConfig({ disk: disk({}), env: {}, ...input })
const refusal = (input: Partial<ConfigInput>, message: RegExp) =>
  assert.rejects(load(input), (error) => error instanceof ConfigError && message.test(error.message))

test('flags count more than the environment, and that more than the file', async () => {
  const files = disk({
    'rivven.yaml': 'broker:\n  num_partitions: 2\n  message_max_bytes: 5000\n  log_retention_ms: 7\n',
  })
  const env = { RIVVEN_NUM_PARTITIONS: '3', RIVVEN_MESSAGE_MAX_BYTES: '6000', RIVVEN_GROUP_ID: 'of a client' }
  const config = await load({ disk: files, env, set: ['num_partitions=4'], flags: { listen: '127.0.0.1:0' } })
  assert.equal(config.num_partitions, 4)
  assert.equal(config.message_max_bytes, 6_000)
  assert.equal(config.log_retention_ms, 7)
  assert.equal(config.listen, '127.0.0.1:0')
  assert.equal(config.auto_create_topics_enable, true)
})

test('an unknown key is refused with the nearest one', async () => {
  await refusal({ set: ['num_partition=4'] }, /--set sets num_partition.*Did you mean num_partitions\?/)
  await refusal({ set: ['num.partitions=4'] }, /Did you mean num_partitions\?/)
  await refusal(
    { disk: disk({ 'rivven.yaml': 'broker:\n  log_retention_hour: 1\n' }) },
    /rivven.yaml.*log_retention_hours\?/,
  )
  await refusal({ disk: disk({ 'rivven.yaml': 'brokers:\n  x: 1\n' }) }, /section brokers.*Did you mean broker\?/)
})

test('a bad value is refused with what it must be, and where it stands', async () => {
  await refusal({ set: ['num_partitions=many'] }, /num_partitions \(--set\) is 'many': it must be a whole number\./)
  await refusal({ set: ['num_partitions=0'] }, /it must be 1 or more/)
  await refusal({ env: { RIVVEN_AUTO_CREATE_TOPICS_ENABLE: 'yes' } }, /the environment.*must be true or false/)
  await refusal({ set: ['log_cleanup_policy=delete,burn'] }, /must be a list of delete, compact/)
  await refusal({ set: ['=x'] }, /no key=value/)
  await refusal({ file: 'gone.yaml' }, /gone.yaml cannot be read: it is not there/)
  await refusal({ disk: disk({ 'rivven.yaml': 'broker: [1, 2' }) }, /rivven.yaml is not YAML/)
})

test('names of objects are no keys', async () => {
  for (const key of ['__proto__', 'constructor', 'hasOwnProperty'])
    await refusal({ set: [`${key}=1`] }, /does not know/)
})

test('listening beyond loopback needs allow_anonymous, and an address that clients can use', () => {
  const listen = (values: Record<string, unknown>) => {
    const [first] = listenersOf(brokerConfig([{ from: 'test', values }]))
    assert.ok(first)
    return first
  }
  assert.deepEqual(listen({}).listen, { host: '127.0.0.1', port: 9092 })
  assert.deepEqual(listen({ listen: '[::1]:1' }).listen, { host: '::1', port: 1 })
  assert.throws(() => listen({ listen: '10.0.0.1:9092' }), /set allow_anonymous/)
  assert.throws(() => listen({ listen: '0.0.0.0:9092', allow_anonymous: true }), /Set advertised_listeners/)
  const open = listen({
    listen: ':9092',
    allow_anonymous: 'true',
    advertised_listeners: 'PLAINTEXT://broker.example:29092',
  })
  assert.deepEqual(open.advertised, { host: 'broker.example', port: 29_092 })
  assert.throws(() => listen({ listen: 'localhost' }), /no address/)
  for (const host of ['my host', 'a\nb', 'a\0b'])
    assert.throws(() => listen({ listen: `${host}:9092` }), /is no (address|NAME)/)
  for (const advertised of ['0.0.0.0:9', ':9092', 'host:0', '[::]:9092']) {
    const refused = /advertised_listeners is '.*', which clients cannot connect to: it needs the name/
    assert.throws(() => listen({ advertised_listeners: advertised }), refused, advertised)
  }
})

test('a topic follows its own config, then the most specific key of the broker, then the default', () => {
  const broker = brokerConfig([{ from: 'test', values: { log_retention_hours: 2, num_partitions: 1 } }])
  assert.equal(topicLogConfig(new Map(), broker).retentionMs, 7_200_000)
  assert.equal(topicLogConfig(new Map([['retention.ms', '5']]), broker).retentionMs, 5)
  assert.equal(effectiveConfig('retention.ms', new Map(), broker).source, ConfigSource.STATIC_BROKER)
  assert.equal(effectiveConfig('segment.ms', new Map(), broker).source, ConfigSource.DEFAULT)
  assert.equal(effectiveConfig('segment.ms', new Map(), broker).value, '604800000')
  assert.deepEqual(effectiveConfig('retention.ms', new Map([['retention.ms', '5']]), broker).synonyms, [
    { name: 'retention.ms', value: '5', source: ConfigSource.TOPIC },
    { name: 'log.retention.hours', value: '7200000', source: ConfigSource.STATIC_BROKER },
  ])
})

test('configs of topics are checked as Kafka checks them', () => {
  for (const [name, value] of [
    ['retention.ms', '-1'],
    ['max.compaction.lag.ms', '9223372036854775807'],
    ['cleanup.policy', 'compact,delete'],
    ['min.cleanable.dirty.ratio', '0.25'],
  ] as const) {
    assert.equal(topicConfigFault(name, value), undefined, name)
  }
  assert.match(topicConfigFault('retention.mss', '1') ?? '', /Did you mean retention\.ms\?/)
  assert.match(topicConfigFault('retention.ms', '') ?? '', /whole number/)
  assert.match(topicConfigFault('segment.bytes', '1') ?? '', /1048576 or more/)
  assert.match(topicConfigFault('max.message.bytes', 'x'.repeat(1_000_000)) ?? '', /^.{1,200}$/)
  assert.match(topicConfigFault('remote.storage.enable', 'true') ?? '', /does not have it/)
})
