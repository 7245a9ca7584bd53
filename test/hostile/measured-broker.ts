import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pemFile } from '../support/certificates.js'
import { type Ports, passwords } from './places.js'

const rivvend = join(import.meta.dirname, '../../../packages/broker/bin/rivvend.cjs')
const turnMeter = join(import.meta.dirname, '../../support/turn-meter.cjs')

const dockerfile = join(import.meta.dirname, '../../../deploy/Dockerfile')

/** What the image tells the allocator: the broker runs as it does there. */
function allocatorSettings(): Record<string, string> {
  const settings = readFileSync(dockerfile, 'utf8').matchAll(/\b(MALLOC_\w+)=(\d+)/g)
  return Object.fromEntries(Array.from(settings, ([, name = '', value = '']) => [name, value]))
}

const listeners = ['PLAINTEXT', 'SASL_PLAINTEXT', 'SSL', 'SASL_SSL', 'STRICT'] as const

/**
 * Limits are as they come, but for what may be left behind: the hundreds of thousands of topics and groups that a broker takes
 * by default are a matter of its memory, not of an attack.
 */
const settings: Readonly<Record<string, string | number>> = {
  listeners: listeners.map((name) => `${name}://127.0.0.1:0`).join(','),
  listener_security_protocol_map: listeners.map((name) => `${name}:${name === 'STRICT' ? 'SSL' : name}`).join(','),
  http: '127.0.0.1:0',
  log_level: 'info',
  num_partitions: 2,
  max_partitions: 1_000,
  max_groups: 500,
  max_transactional_ids: 500,
  max_committed_offsets: 20_000,
  group_initial_rebalance_delay_ms: 0,
  sasl_enabled_mechanisms: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
  // Sessions end while all this goes on.
  connections_max_reauth_ms: 30_000,
  authorizer_class_name: 'standard',
  bootstrap_admin: 'admin',
  ssl_certificate_location: pemFile('broker.pem'),
  ssl_key_location: pemFile('broker.key'),
  ssl_ca_location: pemFile('ca.pem'),
  'listener.name.ssl.ssl_client_auth': 'required',
  'listener.name.strict.ssl_client_auth': 'required',
  'listener.name.strict.ssl_ca_location': pemFile('strict-ca.pem'),
  'listener.name.strict.ssl_crl_location': pemFile('strict.crl.pem'),
}

/** What the broker has measured of itself since `begin`; see support/turn-meter.cjs. */
export interface Measures {
  longest_turn_ms: number
  longest_turn_cpu_ms: number | null
  turn_p99_ms: number
  turn_p99_cpu_ms: number | null
  cpu_ms: number | null
  rss_rise_mib: number
  rss_mib: number
}

/** What a process has that it might forget to close, and its memory in use; see support/open-things.cjs. */
export interface Open {
  /** That wait, by the place in the code that has set them. */
  timers: Readonly<Record<string, number>>
  descriptors: number | null
  live_mib: number
}

/** rivvend in a process of its own, with a listener of every kind, that measures its turns and its memory. */
export class MeasuredBroker {
  readonly ports: Ports
  /** Lines of its log: how often each was written, by level and text. */
  readonly log: ReadonlyMap<string, number>
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(
    child: ChildProcess,
    { ports, log, folder }: { ports: Ports; log: Map<string, number>; folder: string },
  ) {
    this.#child = child
    this.ports = ports
    this.log = log
    this.#folder = folder
  }

  /** With more settings, and what is loaded before its own code. */
  static async start(
    more: Readonly<Record<string, string>>,
    preloads: readonly string[] = [],
  ): Promise<MeasuredBroker> {
    const folder = mkdtempSync(join(tmpdir(), 'rivven-hostile-'))
    const passwordFile = join(folder, 'admin-password')
    writeFileSync(passwordFile, passwords.admin, { mode: 0o600 })
    const all = { ...settings, ...more, data_dir: join(folder, 'data'), bootstrap_admin_password_file: passwordFile }
    const flags = Object.entries(all).flatMap(([key, value]) => ['--set', `${key}=${value}`])
    const requires = [...preloads, turnMeter].flatMap((file) => ['--require', file])
    const child = spawn(process.execPath, ['--expose-gc', ...requires, rivvend, ...flags], {
      env: { ...allocatorSettings(), ...process.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const log = new Map<string, number>()
    createInterface({ input: child.stderr! }).on('line', (line) => count(log, line))
    return new MeasuredBroker(child, { ports: await portsOf(child), log, folder })
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  async begin(): Promise<void> {
    await this.#ask('begin')
  }

  end(): Promise<Measures> {
    return this.#ask('end') as Promise<Measures>
  }

  async rssMib(): Promise<number> {
    const { rss_mib } = (await this.#ask('memory')) as { rss_mib: number }
    return rss_mib
  }

  /** Memory that is in use, whatever the process has of its system. */
  async liveMib(): Promise<number> {
    const { live_mib } = (await this.#ask('live')) as { live_mib: number }
    return live_mib
  }

  /** Only where support/open-things.cjs was loaded. */
  open(): Promise<Open> {
    return this.#ask('open') as Promise<Open>
  }

  async close(): Promise<void> {
    if (this.isAlive) {
      const gone = once(this.#child, 'exit')
      this.#child.kill('SIGTERM')
      await gone
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #ask(what: string): Promise<unknown> {
    const child = this.#child
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => {
        child.off('message', answered).off('exit', ended)
        done()
      }
      const answered = (answer: unknown) => settle(() => resolve(answer))
      const ended = () => settle(() => reject(new Error('The broker has ended.')))
      if (!this.isAlive) return reject(new Error('The broker has ended.'))
      child.on('message', answered).on('exit', ended)
      child.send(what)
    })
  }
}

/** From `rivvend ready on 127.0.0.1:9092, 127.0.0.1:9093 (SSL) in 93 ms`, in the order of the listeners, and `http on http://…`. */
async function portsOf(child: ChildProcess): Promise<Ports> {
  const found: number[] = []
  for await (const line of createInterface({ input: child.stdout! })) {
    found.push(...[...line.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port)))
    if (!line.startsWith('http on')) continue
    const [plain = 0, sasl = 0, ssl = 0, saslSsl = 0, strict = 0, http = 0] = found
    return { plain, sasl, ssl, saslSsl, strict, http }
  }
  throw new Error('rivvend ended before it was ready.')
}

/** What clients wrote is no part of it: else there would be as many texts as attacks. */
function count(log: Map<string, number>, line: string): void {
  const text = textOf(line)
  log.set(text, (log.get(text) ?? 0) + 1)
}

const levels: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

function textOf(line: string): string {
  try {
    const { level, msg, error, err, audit } = JSON.parse(line)
    if (level === undefined) return `audit: ${audit ?? ''}`.trim()
    const cause = (error ?? err)?.message
    return `${levels[level] ?? level}: ${msg}${level >= 50 && cause ? ` (${cause})` : ''}`
  } catch {
    return `error: ${line}`
  }
}
