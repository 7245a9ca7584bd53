import { type FolderLock, nodeListenHttp, type Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import { Broker } from '../broker.js'
import type { BrokerConfig } from '../config/broker-config.js'
import type { Database } from '../database/database.js'
import { openLog, openStderr } from '../log-output.js'
import { memoryStorage } from '../open-storage.js'
import { type OpenDataFolder, openDataFolder } from './open-data-folder.js'
import { openDatabase } from './open-database.js'

export interface Serving {
  readonly broker: Broker
  /** Held as long as the broker runs; absent where there is nothing to lock. */
  readonly lock?: FolderLock
}

type Stored = OpenDataFolder | { readonly database: Database; readonly lock?: undefined }

async function openStored(config: BrokerConfig, runtime: Runtime, log: Logger): Promise<Stored> {
  if (config.storage) return { database: await openDatabase({ config, runtime, env: process.env, log }) }
  if (config.memory) return { storage: memoryStorage(runtime) }
  return openDataFolder(config, runtime, log)
}

/** Starts a broker on its storage: when it resolves, requests are answered. */
export async function serve(config: BrokerConfig, runtime: Runtime): Promise<Serving> {
  const stderr = openStderr()
  const log = openLog(config.log_level, stderr)
  const { lock, ...stored } = await openStored(config, runtime, log)
  try {
    const auditToStderr = (line: string): void => stderr.write(line)
    const broker = await Broker.start({ config, runtime, ...stored, log, listenHttp: nodeListenHttp, auditToStderr })
    return { broker, ...(lock && { lock }) }
  } catch (error) {
    lock?.release()
    throw error
  }
}
