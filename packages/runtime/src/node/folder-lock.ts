import { open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'

export interface FolderLock {
  release(): Promise<void>
}

/** The folder belongs to a process that lives. */
export class FolderLockedError extends Error {
  override readonly name = 'FolderLockedError'
  constructor(
    folder: string,
    readonly pid: number,
  ) {
    super(`${folder} is in use by process ${pid}`)
  }
}

/**
 * Claims a folder for this process, by a file with the process's id in it. The claim of a process that has died without
 * releasing it does not count. Rejects with FolderLockedError, or with Node's error where the file cannot be written.
 */
export async function lockFolder(folder: string, fileName = 'lock'): Promise<FolderLock> {
  const path = join(folder, fileName)
  const claim = `${process.pid} ${await startOf(process.pid)}\n`
  for (;;) {
    if (await writeNew(path, claim)) return { release: () => unlink(path) }
    const owner = await readFile(path, 'utf8').catch(() => '')
    const [pid = '', start = ''] = owner.trim().split(' ')
    if (await isAlive(Number(pid), start)) throw new FolderLockedError(folder, Number(pid))
    await unlink(path).catch(() => undefined)
  }
}

async function writeNew(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    await file.writeFile(content)
    await file.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Ids of processes come again (in a container nearly always), so the time of the start counts, too, where it is known. */
async function isAlive(pid: number, start: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return (await startOf(pid)) === start
}

/** When a process was started, in the system's own count (Linux); 'unknown' elsewhere. */
async function startOf(pid: number): Promise<string> {
  try {
    const [boot, stat] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ])
    // The name in parentheses may hold spaces; the start is the 20th field behind it.
    return `${boot.trim()}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
  } catch {
    return 'unknown'
  }
}
