import type { Environment } from '@rivven/config'
import type { Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import { newId } from '../catalog/ids.js'
import type { BrokerConfig } from '../config/broker-config.js'
import { postgresTargetOf } from '../config/storage/postgres-target.js'
import type { Database } from '../database/database.js'

export interface OpenDatabaseOptions {
  readonly config: BrokerConfig
  readonly runtime: Runtime
  readonly env: Environment
  readonly log: Logger
}

/** The database that `storage` names, as this broker reaches it; it is connected to when it is first asked. @throws ConfigError */
export async function openDatabase({ config, runtime, env, log }: OpenDatabaseOptions): Promise<Database> {
  const target = await postgresTargetOf(config, { disk: runtime.disk, env })
  // A broker that is alone need not load it.
  const { PostgresDatabase } = await import('../database/postgres/postgres-database.js')
  return new PostgresDatabase({
    target,
    clock: runtime.clock,
    newClusterId: () => newId(runtime.random),
    warn: (text) => log.warn(text),
    connections: config.storage_connections,
    readers: config.storage_readers,
    name: config.given.has('node_id') ? `rivven-${config.node_id}` : 'rivven',
  })
}
