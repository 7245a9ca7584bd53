import type { FolderLock, Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { BrokerConfig } from '../config/broker-config.js'
import { lockDataFolder } from '../data-folder.js'
import { fileStorage } from '../open-storage.js'
import type { OwnStorage } from '../storage/own-storage.js'

export interface OpenDataFolder {
  readonly storage: OwnStorage
  readonly lock?: FolderLock
}

/** The storage in `data_dir`, for this process alone. Throws FolderLockError where another one has it. */
export async function openDataFolder(config: BrokerConfig, runtime: Runtime, log: Logger): Promise<OpenDataFolder> {
  const { data_dir: folder, data_dir_lock: isLocked } = config
  if (!isLocked) log.warn({ folder }, 'the data folder is not locked: a second broker on it would destroy its data')
  const lock = isLocked ? lockDataFolder(folder) : undefined
  try {
    return { storage: await fileStorage(folder, runtime), ...(lock && { lock }) }
  } catch (error) {
    lock?.release()
    throw error
  }
}
