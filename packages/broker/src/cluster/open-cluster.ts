import type { DiskSpace } from '@rivven/runtime'
import type { AloneOptions, BrokerOptions, SharedOptions } from '../broker-options.js'
import type { LogStore, LogStoreOptions } from '../log/log-store.js'
import { AloneCluster } from './alone/alone-cluster.js'
import type { Cluster } from './cluster.js'
import { usualTimes } from './shared/cluster-times.js'
import { SharedCluster } from './shared/shared-cluster.js'

/** What a broker stands on. What is of its own there, and what it shares, is known here and nowhere above. */
export interface OpenCluster {
  readonly cluster: Cluster
  /** The logs of what this broker leads; they follow the catalog. To be called once, before the cluster is started. */
  openLogs(options: Omit<LogStoreOptions, 'storage'>): Promise<LogStore>
  /** How much room there is for them; undefined where nobody knows. */
  space(): Promise<DiskSpace | undefined>
  /** To be called when the logs are closed. */
  close(): Promise<void>
}

/** Rejects where what is stored cannot be read, or the database does not answer in time. */
export function openCluster(options: BrokerOptions): Promise<OpenCluster> {
  return 'database' in options ? openShared(options) : openAlone(options)
}

async function openAlone({ storage, runtime, config, log }: AloneOptions): Promise<OpenCluster> {
  storage.onNotice(({ level, text, facts }) => log[level](facts, text))
  const cluster = await AloneCluster.open({ storage, runtime, config, warn: (text) => log.warn(text) })
  // Its logs close what is stored.
  const close = async () => undefined
  const space = async () => storage.space?.()
  return { cluster, openLogs: (options) => cluster.openLogs(options), space, close }
}

async function openShared({ database, runtime, config, log }: SharedOptions): Promise<OpenCluster> {
  const cluster = await SharedCluster.open({
    ...{ database, runtime, config, log },
    nodeId: config.given.has('node_id') ? config.node_id : undefined,
    rack: config.broker_rack === '' ? null : config.broker_rack,
    times: {
      ...usualTimes,
      leaseMs: config.lease_ms,
      renewMs: config.lease_renew_ms,
      moveDelayMs: config.leader_move_delay_ms,
      connectMs: config.storage_connect_timeout_ms,
      leaveMs: config.shutdown_timeout_ms,
    },
    balances: config.auto_leader_rebalance_enable,
    movesAtOnce: config.leader_moves_at_once,
    storage: { lanes: config.storage_connections, queueMaxBytes: config.storage_queue_max_bytes },
  })
  return {
    cluster,
    openLogs: async (options) => cluster.openLogs(options),
    // The database's disk is not this machine's.
    space: async () => undefined,
    close: () => database.close(),
  }
}
