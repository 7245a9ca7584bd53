import { chown, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Account } from './run.js'

/** What a copy has of its own, or gets anew from the server that it follows. */
const leftOut = new Set(['postmaster.pid', 'postmaster.opts', 'standby.signal', 'pg_wal', 'pg_replslot', 'log'])

interface Clone {
  url: string
  /** Of the server at `url`, which goes on working. */
  from: string
  to: string
  account: Account
}

/** Copies the data of a server that runs, as a standby takes them (what pg_basebackup does, which the package lacks). */
export async function cloneData({ url, from, to, account }: Clone): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query("select pg_backup_start('clone', true)")
    await copyFolder(from, to, account)
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)')
    await writeFile(join(to, 'backup_label'), rows[0]!.labelfile)
    await writeFile(join(to, 'standby.signal'), '')
    for (const name of ['pg_wal', 'pg_replslot']) await own(await made(join(to, name)), account)
    for (const name of ['backup_label', 'standby.signal']) await own(join(to, name), account)
  } finally {
    await client.end()
  }
}

async function copyFolder(from: string, to: string, account: Account): Promise<void> {
  await own(await made(to), account)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (leftOut.has(entry.name)) continue
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyFolder(source, target, account)
    else await copyIfThere(source, target, account)
  }
}

/** Files of a server at work come and go; the write-ahead log knows of those that count. */
async function copyIfThere(source: string, target: string, account: Account): Promise<void> {
  try {
    await copyFile(source, target)
    await own(target, account)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

async function made(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return folder
}

async function own(path: string, { uid, gid }: Account): Promise<void> {
  if (uid !== undefined) await chown(path, uid, gid!)
}
