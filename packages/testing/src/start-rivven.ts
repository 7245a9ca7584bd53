import { type Broker, type BrokerConfig, brokerConfig } from '@rivven/broker'
import { checks } from '@rivven/config'
import { notStarted, RivvenTestingError } from './rivven-testing-error.js'
import { TestBroker } from './test-broker.js'

export interface RivvenOptions {
  /** Keys of the broker's configuration in snake_case, for example `{ num_partitions: 6 }`. */
  config?: Record<string, unknown>
  /** A folder to store in; default: memory. */
  dataDir?: string
  /** Serve health, metrics and groups over HTTP on a free port, too; default: no. */
  http?: boolean
}

/** A running broker. */
export interface Rivven extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** What clients want: 'host:port', '[::1]:port' for IPv6. */
  readonly bootstrapServers: string
  readonly broker: Broker
  /** Where HTTP is served, 'http://host:port'; undefined: nowhere. */
  readonly url: string | undefined
  /** Ends the broker; what it kept in memory is gone. */
  close(): Promise<void>
  /** Ends the broker and starts it again with what it had stored, on the same port; 'kill' ends it without ceremony. */
  restart(how: 'kill' | 'stop'): Promise<void>
}

const { fitting, flag, object, optional, text } = checks

const optionsCheck = object<RivvenOptions>(
  {
    config: optional(fitting('an object of broker keys', (value) => typeof value === 'object' && value !== null)),
    dataDir: optional(text),
    http: optional(flag),
  },
  {
    what: 'The options of startRivven',
    otherNames: {
      port: "Write config: { listen: '127.0.0.1:9092' }; a free port is taken by itself.",
      listen: "Write config: { listen: '127.0.0.1:9092' }.",
      partitions: 'Write config: { num_partitions: 6 }.',
      topics: 'Create them with an Admin, or let them be created at their first use.',
    },
  },
)

/** Settings for tests, under those that are given: a free port, and no wait for more members of a group. */
const forTests = { listen: '127.0.0.1:0', http: 'off', group_initial_rebalance_delay_ms: 0 }

/**
 * Starts a whole broker in this process, in memory, on a free port, in milliseconds.
 *
 *     await using rivven = await startRivven()
 *     const kafka = new Kafka({ brokers: [rivven.bootstrapServers] })
 */
export async function startRivven(options: RivvenOptions = {}): Promise<Rivven> {
  const misfit = optionsCheck(options, '')
  if (misfit) throw new RivvenTestingError('INVALID_ARGUMENT', misfit.text, { hint: misfit.hint })
  const { dataDir, config: given = {}, http = false } = options
  const stored = dataDir === undefined ? { memory: true } : { data_dir: dataDir }
  const sources = [
    { from: 'startRivven', values: { ...forTests, ...stored, ...(http && { http: '127.0.0.1:0' }) } },
    { from: 'config', values: given },
  ]
  return TestBroker.start(configOf(sources), dataDir)
}

function configOf(sources: Parameters<typeof brokerConfig>[0]): BrokerConfig {
  try {
    return brokerConfig(sources)
  } catch (error) {
    throw notStarted(error)
  }
}
