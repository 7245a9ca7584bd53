import type { Runtime } from '@rivven/runtime'
import type { BrokerConfig } from '../config/broker-config.js'
import { loadBrokerConfig } from '../config/config-sources.js'

/** Flags of the command line that are keys of the configuration, or say where it is. */
export interface Flags {
  listen?: string
  http?: string
  dataDir?: string
  memory?: boolean
  storage?: string
  config?: string
  set?: string[]
}

/** The configuration under these flags. Throws ConfigError. */
export async function readConfig(flags: Flags, disk: Runtime['disk']): Promise<BrokerConfig> {
  const named = {
    listen: flags.listen,
    http: flags.http,
    data_dir: flags.dataDir,
    memory: flags.memory,
    storage: flags.storage,
  }
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
  return loadBrokerConfig({ disk, env: process.env, file: flags.config, flags: given, set: flags.set ?? [] })
}
