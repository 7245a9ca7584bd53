import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type World, worldOf } from './world.js'

/** One broker on files of its own. */
export function worldOnFiles(): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'rivven-chaos-data-'))
  const remove = () => rm(dataDir, { recursive: true, force: true })
  return worldOf({ brokers: 1, args: ['--data-dir', dataDir], database: null, remove })
}
