import { checks } from '@rivven/config'
import { configOf, forTests } from '../config-of.js'
import { invalidArgument, refuseMisfit } from '../rivven-testing-error.js'
import { withPeers } from '../security/peer-logins.js'
import type { Secured } from '../security/secured.js'
import { listenerKeys, securityKeys } from '../security/security-config.js'
import { planOf, type SecurityOptions, securityCheck } from '../security/security-options.js'
import type { RivvenNode } from './cluster-node.js'
import { TestCluster } from './test-cluster.js'

export interface RivvenClusterOptions {
  /** How many, 1 to 16; default: 3. */
  brokers?: number
  /** Keys of the brokers' configuration in snake_case, the same for all, for example `{ num_partitions: 6 }`. */
  config?: Record<string, unknown>
  /** Each broker serves health, metrics and groups over HTTP on a free port, too; default: no. */
  http?: boolean
  /** Who clients are, what they may do, and TLS, as of startRivven; brokers log in at each other. Default: everybody may do everything, in the clear. */
  security?: SecurityOptions
}

/** Several brokers that share what they store, in this process. */
export interface RivvenCluster extends Secured, AsyncDisposable {
  /** What clients want: 'host:port,host:port,…' of all brokers, those that do not run at the moment as well. */
  readonly bootstrapServers: string
  /** By id, from 1 on; they stay the same objects. */
  readonly brokers: readonly RivvenNode[]
  /** Id of the broker that leads a partition, in the eyes of those that run; null: none, or there is no such partition. */
  leaderOf(topic: string, partition: number): number | null
  /** Ends a broker at once, without a word to clients or to the others, which replace it within moments. */
  kill(id: number): Promise<void>
  /**
   * Starts a broker again on the same port; one that runs is ended in order before. Resolves when it serves what it leads; of what the others
   * lead it gets its share later, in small steps.
   */
  restart(id: number): Promise<void>
  /** Resolves when a broker has handed over all that it leads. It goes on as a broker that leads nothing, and gets nothing. */
  drain(id: number): Promise<void>
  /** It may lead again, and gets its share in small steps. */
  undrain(id: number): Promise<void>
  /** Ends all brokers; what they stored is gone. */
  close(): Promise<void>
}

const { fitting, flag, object, optional, whole } = checks

const MOST_BROKERS = 16

const optionsCheck = object<RivvenClusterOptions>(
  {
    brokers: optional(whole(1, MOST_BROKERS)),
    config: optional(fitting('an object of broker keys', (value) => typeof value === 'object' && value !== null)),
    http: optional(flag),
    security: optional(securityCheck),
  },
  {
    what: 'The options of startRivvenCluster',
    otherNames: {
      dataDir: 'A cluster keeps what it stores in memory.',
      tls: 'Write security: { tls: true }.',
      users: "Write security: { users: { alice: 'secret' } }.",
      nodes: 'Write brokers: 3.',
      partitions: 'Write config: { num_partitions: 6 }.',
    },
  },
)

const notForAll: ReadonlyMap<string, string> = new Map([
  ['node_id', 'its brokers are called 1, 2 and so on'],
  ['data_dir', 'it keeps what it stores in memory'],
  ['memory', 'it keeps what it stores in memory in any case'],
])

/** Partitions go to a broker that has come as soon as it is there: tests do not wait for ten seconds. */
const ofClusters = { leader_move_delay_ms: 100 }

/**
 * Starts several brokers in this process, on free ports, in milliseconds: a cluster whose brokers may be killed, started again
 * and drained.
 *
 *     await using cluster = await startRivvenCluster({ brokers: 3 })
 *     const kafka = new Kafka({ brokers: cluster.bootstrapServers.split(',') })
 *     await cluster.kill(2)
 *
 * Throws RivvenTestingError.
 */
export async function startRivvenCluster(options: RivvenClusterOptions = {}): Promise<RivvenCluster> {
  refuseMisfit(optionsCheck(options, ''))
  const { brokers: count = 3, config: given = {}, http = false } = options
  const own = Object.keys(given).find((key) => notForAll.has(key))
  if (own) throw invalidArgument(`config of a cluster cannot have ${own}: ${notForAll.get(own)}.`)
  const asked = options.security && planOf(options.security)
  const secured = asked && withPeers(asked)
  const common = {
    ...forTests,
    ...ofClusters,
    ...(http && { http: '127.0.0.1:0' }),
    ...(secured && { ...securityKeys(secured.plan), ...secured.keys }),
  }
  const configs = Array.from({ length: count }, (_, at) =>
    configOf([
      { from: 'startRivvenCluster', values: { ...common, node_id: at + 1 } },
      { from: 'config', values: listenerKeys(secured?.plan, given) },
    ]),
  )
  return TestCluster.start(configs, secured?.plan)
}
