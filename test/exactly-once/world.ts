import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../support/free-port.js'

const rivvend = join(import.meta.dirname, '../../../packages/broker/bin/rivvend.cjs')

export interface BrokerInTrouble {
  readonly bootstrapServers: string
  kill(): Promise<void>
  close(): Promise<void>
}

/** The broker that RIVVEN_TEST_KAFKA names, which nobody kills, or one of our own. */
export async function brokerInTrouble(): Promise<BrokerInTrouble> {
  const bootstrapServers = process.env.RIVVEN_TEST_KAFKA
  if (bootstrapServers === undefined) return KillableBroker.start()
  return { bootstrapServers, kill: async () => undefined, close: async () => undefined }
}

/** A broker on files, in a process of its own that can be killed and comes back on the same port with the same files. */
export class KillableBroker implements BrokerInTrouble {
  readonly bootstrapServers: string
  readonly #port: number
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'rivven-exactly-once-'))
  #process: ChildProcess | null = null

  private constructor(port: number) {
    this.#port = port
    this.bootstrapServers = `127.0.0.1:${port}`
  }

  static async start(): Promise<KillableBroker> {
    const broker = new KillableBroker(await freePort())
    await broker.#start()
    return broker
  }

  /** SIGKILL, then a new process; resolves when that one is ready. */
  async kill(): Promise<void> {
    await end(this.#process!, 'SIGKILL')
    await this.#start()
  }

  async close(): Promise<void> {
    await end(this.#process!, 'SIGTERM')
    rmSync(this.#dataDir, { recursive: true, force: true })
  }

  async #start(): Promise<void> {
    const settings = ['group_initial_rebalance_delay_ms=0', 'group_min_session_timeout_ms=1000']
    const args = ['--listen', `127.0.0.1:${this.#port}`, '--data-dir', this.#dataDir]
    for (const setting of settings) args.push('--set', setting)
    const child = spawn(process.execPath, [rivvend, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#process = child
    for await (const line of createInterface({ input: child.stdout })) if (line.includes('ready on')) return
    throw new Error('rivvend ended before it was ready')
  }
}

export interface CopierNews {
  kind: 'spoilt' | 'committed' | 'failed'
  attempt?: string
  count?: number
  message?: string
}

/** A copier that is started anew whenever it dies. */
export class KillableCopier {
  readonly #job: object
  readonly #onNews: (news: CopierNews) => void
  #process!: ChildProcess
  #isOver = false

  constructor(job: object, onNews: (news: CopierNews) => void) {
    this.#job = job
    this.#onNews = onNews
    this.#start()
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  async close(): Promise<void> {
    this.#isOver = true
    await end(this.#process, 'SIGTERM')
  }

  #start(): void {
    const copier = join(import.meta.dirname, 'copier.js')
    const child = spawn(process.execPath, [copier, JSON.stringify(this.#job)], { stdio: ['ignore', 'pipe', 'inherit'] })
    createInterface({ input: child.stdout }).on('line', (line) => {
      const news = parse(line)
      if (news) this.#onNews(news)
    })
    child.once('exit', () => {
      if (!this.#isOver) this.#start()
    })
    this.#process = child
  }
}

/** A line that was cut off by a kill says nothing. */
function parse(line: string): CopierNews | null {
  try {
    return JSON.parse(line) as CopierNews
  } catch {
    return null
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((done) => child.once('exit', done))
  child.kill(signal)
  await gone
}
