import { type FolderLock, nodeListenHttp, type Runtime } from '@rivven/runtime'
import { Broker } from '../broker.js'
import type { BrokerConfig } from '../config/broker-config.js'
import { openLog, openStderr } from '../log-output.js'
import { memoryStorage } from '../open-storage.js'
import { type OpenDataFolder, openDataFolder } from './open-data-folder.js'

export interface Serving {
  readonly broker: Broker
  /** Held as long as the broker runs; absent where there is nothing to lock. */
  readonly lock?: FolderLock
}

/** Starts a broker on its storage: when it resolves, requests are answered. */
export async function serve(config: BrokerConfig, runtime: Runtime): Promise<Serving> {
  const stderr = openStderr()
  const log = openLog(config.log_level, stderr)
  const opened: OpenDataFolder = config.memory
    ? { storage: memoryStorage(runtime) }
    : await openDataFolder(config, runtime, log)
  const { storage, lock } = opened
  try {
    const auditToStderr = (line: string): void => stderr.write(line)
    const broker = await Broker.start({ config, runtime, storage, log, listenHttp: nodeListenHttp, auditToStderr })
    return { broker, ...(lock && { lock }) }
  } catch (error) {
    lock?.release()
    throw error
  }
}
