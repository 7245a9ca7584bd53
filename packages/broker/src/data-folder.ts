import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type FolderLock, FolderLockError, lockFolder, type TryLock } from '@rivven/runtime'

const LOCKS = 'fs-native-extensions'

/** The compiled part of it: takes a lock of the operating system, or throws (EAGAIN: somebody else has it). */
interface FileLocks {
  tryLock(descriptor: number, offset: number, length: number, isExclusive: boolean): void
}

/**
 * Claims the folder that a broker stores in, until `release` or the end of the process: two brokers there would destroy
 * each other's data. Throws FolderLockError, with a sentence for the user.
 */
export function lockDataFolder(folder: string, load: () => TryLock = loadTryLock): FolderLock {
  return lockFolder(folder, loaded(folder, load))
}

function loaded(folder: string, load: () => TryLock): TryLock {
  try {
    return load()
  } catch (error) {
    const { platform, arch } = process
    const [reason] = (error as Error).message.split('\n', 1)
    throw new FolderLockError(
      `The data folder ${folder} cannot be locked: on ${platform}-${arch}, nothing here can lock files (${reason}). ` +
        'Set data_dir_lock to false if you make sure yourself that only one broker uses it: two would destroy its data.',
      { cause: error },
    )
  }
}

/**
 * The binary itself: looking for it by the package's own code costs 15 ms of CPU against 0.6, and finds none on Alpine, where
 * the one for glibc does (it needs nothing that musl lacks). Therefore the version is pinned.
 */
function loadTryLock(): TryLock {
  const require = createRequire(import.meta.url)
  const root = dirname(require.resolve(`${LOCKS}/package.json`))
  const locks: FileLocks = require(join(root, 'prebuilds', `${process.platform}-${process.arch}`, `${LOCKS}.node`))
  return (descriptor) => {
    try {
      locks.tryLock(descriptor, 0, 0, true)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false
      throw error
    }
  }
}
