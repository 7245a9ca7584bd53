import type { Broker } from '@rivven/broker'
import { checks } from '@rivven/config'
import { configOf, forTests } from './config-of.js'
import { refuseMisfit } from './rivven-testing-error.js'
import type { Secured } from './security/secured.js'
import { listenerKeys, securityKeys } from './security/security-config.js'
import { planOf, type SecurityOptions, securityCheck } from './security/security-options.js'
import { TestBroker } from './test-broker.js'

export interface RivvenOptions {
  /** Keys of the broker's configuration in snake_case, for example `{ num_partitions: 6 }`. */
  config?: Record<string, unknown>
  /** A folder to store in; default: memory. */
  dataDir?: string
  /** Serve health, metrics and groups over HTTP on a free port, too; default: no. */
  http?: boolean
  /** Who its clients are, what they may do, and TLS; default: everybody may do everything, in the clear. */
  security?: SecurityOptions
}

/** A running broker. */
export interface Rivven extends Secured, AsyncDisposable {
  readonly host: string
  readonly port: number
  /** What clients want: 'host:port', '[::1]:port' for IPv6. */
  readonly bootstrapServers: string
  readonly broker: Broker
  /** Where HTTP is served, 'http://host:port'; undefined: nowhere. */
  readonly url: string | undefined
  /** Ends the broker; what it kept in memory is gone. */
  close(): Promise<void>
  /** Ends the broker and starts it again with what it had stored, on the same ports; 'kill' ends it without ceremony. */
  restart(how: 'kill' | 'stop'): Promise<void>
}

const { fitting, flag, object, optional, text } = checks

const optionsCheck = object<RivvenOptions>(
  {
    config: optional(fitting('an object of broker keys', (value) => typeof value === 'object' && value !== null)),
    dataDir: optional(text),
    http: optional(flag),
    security: optional(securityCheck),
  },
  {
    what: 'The options of startRivven',
    otherNames: {
      port: "Write config: { listen: '127.0.0.1:9092' }; a free port is taken by itself.",
      listen: "Write config: { listen: '127.0.0.1:9092' }.",
      partitions: 'Write config: { num_partitions: 6 }.',
      tls: 'Write security: { tls: true }.',
      users: "Write security: { users: { alice: 'secret' } }.",
      topics: 'Create them with an Admin, or let them be created at their first use.',
    },
  },
)

/**
 * Starts a whole broker in this process, in memory, on a free port, in milliseconds.
 *
 *     await using rivven = await startRivven()
 *     const kafka = new Kafka({ brokers: [rivven.bootstrapServers] })
 */
export async function startRivven(options: RivvenOptions = {}): Promise<Rivven> {
  refuseMisfit(optionsCheck(options, ''))
  const { dataDir, config: given = {}, http = false } = options
  const plan = options.security && planOf(options.security)
  const stored = dataDir === undefined ? { memory: true } : { data_dir: dataDir }
  const own = { ...forTests, ...stored, ...(http && { http: '127.0.0.1:0' }), ...(plan && securityKeys(plan)) }
  const sources = [
    { from: 'startRivven', values: own },
    { from: 'config', values: listenerKeys(plan, given) },
  ]
  return TestBroker.start(configOf(sources), { dataDir, plan })
}
