import fs from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

export interface FolderLock {
  release(): void
}

/**
 * Takes the operating system's lock on an open file, for as long as the descriptor is open; false where somebody else has
 * it. Throws where the file system has no locks.
 */
export type TryLock = (descriptor: number) => boolean

/** The folder belongs to somebody else, or nobody can tell; the message is a sentence for the user. */
export class FolderLockError extends Error {
  override readonly name = 'FolderLockError'
}

/** A person may remove the file at every moment, but hardly so often. */
const ATTEMPTS = 10
const NOTE_BYTES = 300

/**
 * Claims a folder for this process, by a lock of the operating system on a file in it. It ends with the process, however
 * that ends, and counts for all that share the folder, also from other containers, where ids of processes say nothing. The
 * file stays: whoever removed it would let two others lock two files of one name. The folder is made if it is missing.
 * Throws FolderLockError, or Node's error where there can be no such folder.
 */
export function lockFolder(folder: string, tryLock: TryLock): FolderLock {
  fs.mkdirSync(folder, { recursive: true })
  const path = join(folder, 'lock')
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const descriptor = openLock(folder, path)
    try {
      if (!isLocked(descriptor, tryLock, folder)) {
        throw new FolderLockError(`The data folder ${folder} is in use by ${ownerIn(descriptor)}: end that one first.`)
      }
      if (isStillAt(path, descriptor)) {
        writeNote(descriptor)
        return { release: () => fs.closeSync(descriptor) }
      }
    } catch (error) {
      fs.closeSync(descriptor)
      throw error
    }
    fs.closeSync(descriptor)
  }
  throw new FolderLockError(`The data folder ${folder} cannot be locked: somebody removes ${path} all the time.`)
}

function openLock(folder: string, path: string): number {
  try {
    return fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o644)
  } catch (error) {
    throw new FolderLockError(`The data folder ${folder} cannot be locked: ${whyNot(path, error)}`, { cause: error })
  }
}

function whyNot(path: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EISDIR') return `${path} is a folder; remove it.`
  if (code === 'EROFS') return 'its file system is read-only.'
  if (code === 'EACCES' || code === 'EPERM') {
    return `this user may not write ${path} (${code}); give the folder and all in it to the user of this process.`
  }
  return `${path} cannot be opened (${code ?? error}).`
}

function isLocked(descriptor: number, tryLock: TryLock, folder: string): boolean {
  try {
    return tryLock(descriptor)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = `its file system has no locks (${code ?? message})`
    throw new FolderLockError(`The data folder ${folder} cannot be locked: ${reason}.`, { cause: error })
  }
}

/** Between opening and locking, the file may have been removed, and another one locked in its place. */
function isStillAt(path: string, descriptor: number): boolean {
  const locked = fs.fstatSync(descriptor, { bigint: true })
  const there = fs.statSync(path, { bigint: true, throwIfNoEntry: false })
  return there !== undefined && there.ino === locked.ino && there.dev === locked.dev
}

/** Who has it, for people only. Where the disk is full, they have to do without. */
function writeNote(descriptor: number): void {
  try {
    fs.ftruncateSync(descriptor, 0)
    fs.writeSync(descriptor, `process ${process.pid} of host ${hostname()}\n`, 0)
  } catch {
    // The lock holds without it.
  }
}

function ownerIn(descriptor: number): string {
  const note = Buffer.alloc(NOTE_BYTES)
  try {
    const text = note.toString('utf8', 0, fs.readSync(descriptor, note, 0, NOTE_BYTES, 0))
    return /^process \d+ of host [\w.-]+(?=\n)/.exec(text)?.[0] ?? 'another process'
  } catch {
    // Windows does not show the content of what is locked.
    return 'another process'
  }
}
