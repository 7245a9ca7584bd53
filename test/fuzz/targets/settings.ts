import { loadConsumerConfig, RivvenError } from '@rivven/client'
import { ConfigError, fromFile } from '@rivven/config'
import { Finding, type Refusal, type Target } from '../harness/target.js'
import { inside } from '../inside.js'

type Addresses = typeof import('../../../packages/broker/dist/src/config/address.js')
type BrokerConfigs = typeof import('../../../packages/broker/dist/src/config/broker-config.js')
type Listeners = typeof import('../../../packages/broker/dist/src/config/listeners/listeners.js')
type TopicConfigs = typeof import('../../../packages/broker/dist/src/config/topic-configs.js')
type TopicSettings = typeof import('../../../packages/broker/dist/src/config/topic-settings.js')
type Durations = typeof import('../../../packages/cli/dist/src/text/durations.js')
type OffsetFiles = typeof import('../../../packages/cli/dist/src/reset/offset-file.js')
type Failures = typeof import('../../../packages/cli/dist/src/failure.js')

const texts = (...lines: readonly string[]) => lines.map((line) => Buffer.from(line))

/** What people write: in files, in flags, and in requests that carry such texts. */
export async function settingTargets(): Promise<Target[]> {
  return [await addressTarget(), ...(await fileTargets()), await topicConfigTarget(), ...(await commandLineTargets())]
}

async function addressTarget(): Promise<Target> {
  const { formatAddress, parseAddress } = await inside<Addresses>('broker/src/config/address.js')
  return {
    name: 'settings/addresses',
    seeds: texts('127.0.0.1:9092', '[::1]:9092', ':0', 'PLAINTEXT://broker.example:65535', 'localhost:1'),
    words: ['://', '[', ']', ':', '::', '65536'],
    refusals: [ConfigError],
    run: (input) => {
      const address = parseAddress(input.toString(), 'listen')
      const again = parseAddress(formatAddress(address), 'listen')
      if (again.host !== address.host || again.port !== address.port)
        throw new Finding(`${formatAddress(address)} is ${formatAddress(again)} when it is read again`)
      return true
    },
  }
}

const brokerYaml = `broker:
  listeners:
    clients: { address: 127.0.0.1:9093, protocol: PLAINTEXT }
    others: { address: "[::1]:9094", advertised: broker:9094, protocol: PLAINTEXT }
  num_partitions: 3
  log_retention_ms: 9223372036854775807
  super_users: User:a;User:b
`
const flatYaml = `broker:
  listeners: CLIENTS://127.0.0.1:9092,PLAINTEXT://127.0.0.1:9093
  listener_security_protocol_map: CLIENTS:PLAINTEXT
  listener.name.clients.connections_max_reauth_ms: 1000
  advertised_listeners: CLIENTS://broker:9092
`
const securedYaml = `broker:
  listen: 127.0.0.1:9092
  listeners: { clients: { address: 127.0.0.1:9093, protocol: SASL_PLAINTEXT, sasl_enabled_mechanisms: [PLAIN] } }
  super_users: User:a;User:b
`
const clientYaml = `consumer:
  bootstrap_servers: [a:9092, "b:9092"]
  group_id: 42
  fetch_min_bytes: 1
  enable_auto_commit: true
producer: { acks: all }
`

/** rivven.yaml, through all that makes settings of it. */
async function fileTargets(): Promise<Target[]> {
  const { brokerConfig } = await inside<BrokerConfigs>('broker/src/config/broker-config.js')
  const { listenersOf } = await inside<Listeners>('broker/src/config/listeners/listeners.js')
  const words = [
    'broker:',
    'consumer:',
    'listeners:',
    ': ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a',
    '<<: ',
    '!!binary ',
    '|',
    '"',
    '\n  ',
    '__proto__: ',
    'null',
    '~',
    '.inf',
    '0x10',
    '---\n',
    '%',
  ]
  // The parser makes a tree of it first.
  const mayAllocate = (input: Buffer) => input.length * 400 + 4 * 1024 * 1024
  return [
    {
      name: 'settings/rivven.yaml of a broker',
      seeds: texts(brokerYaml, flatYaml, securedYaml),
      words,
      refusals: [ConfigError],
      mayAllocate,
      mayTakeMs: 1000,
      run: async (input) => {
        const source = await fromFile('broker', { disk: { readFile: async () => input }, env: {}, file: 'rivven.yaml' })
        return listenersOf(brokerConfig([source])).length > 0
      },
    },
    {
      name: 'settings/rivven.yaml of a client',
      seeds: texts(clientYaml),
      words,
      refusals: [RivvenError],
      mayAllocate,
      mayTakeMs: 1000,
      run: async (input) => {
        const disk = { readFile: async () => input }
        await loadConsumerConfig({ file: 'rivven.yaml', env: {}, runtime: { disk: disk as never } })
        return true
      },
    },
  ]
}

/** Of CreateTopics and AlterConfigs: a name, NUL, a value. */
async function topicConfigTarget(): Promise<Target> {
  const { brokerConfig } = await inside<BrokerConfigs>('broker/src/config/broker-config.js')
  const { effectiveConfig, topicConfigFault, topicLogConfig } = await inside<TopicConfigs>(
    'broker/src/config/topic-configs.js',
  )
  const { topicSettings } = await inside<TopicSettings>('broker/src/config/topic-settings.js')
  const names = [...topicSettings.keys()]
  const config = brokerConfig()
  return {
    name: 'settings/configs of topics',
    seeds: texts(...names.map((name) => `${name}\0${effectiveConfig(name, new Map(), config).value}`)),
    words: [
      ...names,
      '\0',
      '-1',
      '9223372036854775807',
      '1e3',
      '0x10',
      'true',
      'compact,delete',
      'zstd',
      'LogAppendTime',
    ],
    refusals: [],
    run: (input) => {
      const [name = '', value = ''] = input.toString().split('\0')
      if (topicConfigFault(name, value) !== undefined) return false
      const numbers = Object.entries(topicLogConfig(new Map([[name, value]]), config)).filter(
        ([, one]) => typeof one === 'number',
      )
      for (const [key, number] of numbers) if (Number.isNaN(number)) throw new Finding(`${key} is no number`)
      return true
    },
  }
}

/** What rivvenctl is given. */
async function commandLineTargets(): Promise<Target[]> {
  const { duration, durationText, momentOrAgo } = await inside<Durations>('cli/src/text/durations.js')
  const { parseOffsets } = await inside<OffsetFiles>('cli/src/reset/offset-file.js')
  const { UsageError } = await inside<Failures>('cli/src/failure.js')
  const csv = 'topic,partition,offset\norders,0,5\n"or""ders",1,none\n'
  const json =
    '[{"topic":"orders","partition":0,"offset":5},{"group":"g","topic":"a","partition":"1","newOffset":null}]'
  return [
    {
      name: 'command line/durations and times',
      seeds: texts(
        '90s',
        '1h30m',
        'PT1H',
        'P2DT12H',
        '2026-01-31T18:00:00Z',
        '2026-01-31',
        '1.5d',
        '2026-01-31 18:00:00,5+01:00',
      ),
      words: ['P', 'T', 'ms', 'w', '.', '-', ':', 'Z', '+14:00', '9999-12-31'],
      refusals: [refusalOf(() => duration('never'))],
      run: (input) => {
        const word = input.toString()
        if (!Number.isFinite(momentOrAgo(word)(1_700_000_000_000)) && !/\d{300}/.test(word))
          throw new Finding(`${word} is no time`)
        durationText(1)
        return true
      },
    },
    {
      name: 'command line/files of offsets',
      seeds: texts('orders,0,5\norders,1,none\n', csv, json, `{"partitions":${json}}`, 'g,orders,0,5\n# no more\n'),
      words: [
        '"',
        '""',
        ',',
        '\n',
        '\r\n',
        'none',
        '-',
        'topic',
        'partition',
        'offset',
        'group',
        '[',
        '{',
        'null',
        '__proto__',
      ],
      refusals: [UsageError],
      // A line of two letters is an object with its cells: of a file that somebody gives to a command of their own.
      mayAllocate: (input) => input.length * 512 + 256 * 1024,
      run: (input) => {
        for (const { topic, partition, offset } of parseOffsets(input.toString(), 'offsets.csv', 'g')) {
          if (topic === '' || !Number.isSafeInteger(partition) || (offset !== null && !Number.isSafeInteger(offset)))
            throw new Finding(`${topic}/${partition} is to go to ${offset}`)
        }
        return true
      },
    },
  ]
}

/** The class of what is thrown: of a package that only the command line has. */
function refusalOf(run: () => unknown): Refusal {
  try {
    run()
  } catch (error) {
    return (error as Error).constructor as Refusal
  }
  throw new Error('it refuses nothing')
}
