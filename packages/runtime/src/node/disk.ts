import fs from 'node:fs'
import { dirname } from 'node:path'
import type { Disk, DiskFile, DiskSpace } from '../runtime.js'
import { NodeFile } from './node-file.js'
import { atPath } from './path-error.js'
import { Turnstile } from './turnstile.js'

/** What opens a file for a moment takes a descriptor: thousands that come at once must not take all of them. */
const momentary = new Turnstile(64)

/** The files of this machine. */
export const nodeDisk: Disk = {
  // The size of libuv's thread pool.
  parallelism: Number(process.env.UV_THREADPOOL_SIZE ?? 4) || 4,
  open: (path, mode) => openFile(path, mode),
  readFile: (path) => momentary.pass(() => readFile(path)),
  replaceFile: (path, content, kind) => momentary.pass(() => replaceFile(path, content, kind)),
  list: (folder) => fs.promises.readdir(folder),
  async makeFolder(path) {
    await fs.promises.mkdir(path, { recursive: true })
  },
  rename: (from, to) => fs.promises.rename(from, to),
  remove: (path) => fs.promises.rm(path, { recursive: true, force: true }),
  syncFolder: (path) => momentary.pass(() => syncFolder(path)),
  sizeOf,
  spaceAt,
}

async function openFile(path: string, mode: 'read' | 'write', permissions = 0o644): Promise<DiskFile> {
  const flags = mode === 'read' ? fs.constants.O_RDONLY : fs.constants.O_RDWR | fs.constants.O_CREAT
  return new Promise((resolve, reject) => {
    fs.open(path, flags, permissions, (error, descriptor) =>
      error ? reject(error) : resolve(new NodeFile(descriptor, path)),
    )
  })
}

async function readFile(path: string): Promise<Buffer> {
  try {
    return await fs.promises.readFile(path)
  } catch (error) {
    throw atPath(error, path)
  }
}

async function replaceFile(path: string, content: Uint8Array, kind?: 'private'): Promise<void> {
  const beside = `${path}.new`
  try {
    // What a crash has left keeps the permissions that it was made with.
    if (kind === 'private') await fs.promises.rm(beside, { force: true })
    await writeWhole(beside, content, kind === 'private' ? 0o600 : undefined)
  } catch (error) {
    // A full disk has no room for what is of no use.
    await fs.promises.rm(beside, { force: true }).catch(() => undefined)
    throw error
  }
  await fs.promises.rename(beside, path)
  await syncFolder(dirname(path))
}

async function writeWhole(path: string, content: Uint8Array, permissions?: number): Promise<void> {
  const file = await openFile(path, 'write', permissions)
  try {
    await file.truncate(0)
    await file.write([content], 0)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Windows cannot open folders, and needs no sync of them. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await fs.promises.open(path, 'r')
  try {
    await folder.sync()
  } catch (error) {
    throw atPath(error, path)
  } finally {
    await folder.close()
  }
}

async function spaceAt(path: string): Promise<DiskSpace | undefined> {
  try {
    const { bavail, blocks, bsize } = await fs.promises.statfs(path)
    return { free: bavail * bsize, total: blocks * bsize }
  } catch {
    return undefined
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await fs.promises.stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
