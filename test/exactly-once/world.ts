import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../support/free-port.js'
import { RivvendProcess } from '../support/rivvend-process.js'

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
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'rivven-exactly-once-'))
  readonly #process: RivvendProcess

  private constructor(port: number) {
    const settings = { group_initial_rebalance_delay_ms: 0, group_min_session_timeout_ms: 1000 }
    this.#process = new RivvendProcess({ port, args: ['--data-dir', this.#dataDir], settings })
    this.bootstrapServers = this.#process.address
  }

  static async start(): Promise<KillableBroker> {
    const broker = new KillableBroker(await freePort())
    await broker.#process.start()
    return broker
  }

  /** SIGKILL, then a new process; resolves when that one is ready. */
  async kill(): Promise<void> {
    await this.#process.end('SIGKILL')
    await this.#process.start()
  }

  async close(): Promise<void> {
    await this.#process.end('SIGTERM')
    rmSync(this.#dataDir, { recursive: true, force: true })
  }
}

export interface CopierNews {
  kind: 'spoilt' | 'committed' | 'failed' | 'warned'
  attempt?: string
  count?: number
  message?: string
  /** What a warning is about. */
  partition?: number
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
    const child = spawn(process.execPath, [copier, JSON.stringify(this.#job)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // That no broker can be reached is what we are here for.
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    })
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
