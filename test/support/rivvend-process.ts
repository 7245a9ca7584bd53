import { type ChildProcess, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const rivvend = join(import.meta.dirname, '../../../packages/broker/bin/rivvend.cjs')

/** How a broker that comes back again and again is started. */
export interface RivvendOptions {
  /** On 127.0.0.1, the same each time (`freePort`). */
  port: number
  /** Where it stores: `--data-dir` or `--storage` with what follows. */
  args: readonly string[]
  settings?: Readonly<Record<string, string | number>>
  /** A file that takes what it writes to stderr. Default: our own stderr. */
  log?: string
}

/** A broker in a process of its own, which is killed, stopped and started again at the same address. */
export class RivvendProcess {
  readonly address: string
  /** How it ended when nobody had asked for it. */
  readonly deaths: string[] = []
  readonly #options: RivvendOptions
  #process: ChildProcess | null = null
  #mayEnd = false

  constructor(options: RivvendOptions) {
    this.#options = options
    this.address = `127.0.0.1:${options.port}`
  }

  get isRunning(): boolean {
    return this.#process !== null && this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** Of the process that was started last. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Resolves when it says that it is ready. */
  async start(): Promise<void> {
    const { args, settings = {}, log } = this.#options
    const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])
    const stderr = log === undefined ? 'inherit' : openSync(log, 'a')
    const child = spawn(process.execPath, [rivvend, '--listen', this.address, ...args, ...set], {
      stdio: ['ignore', 'pipe', stderr],
    })
    this.#process = child
    child.once('exit', (status, signal) => {
      if (!this.#mayEnd) this.deaths.push(`rivvend on ${this.address} ended by itself with ${status ?? signal}`)
    })
    this.#mayEnd = false
    for await (const line of createInterface({ input: child.stdout! })) if (line.includes('ready on')) return
    throw new Error(`rivvend on ${this.address} ended before it was ready${log === undefined ? '' : `, see ${log}`}`)
  }

  /** SIGSTOP holds it where it is, SIGCONT lets it go on. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal)
  }

  /** Resolves when the process is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (!this.isRunning) return
    this.#mayEnd = true
    const gone = new Promise((resolve) => this.#process!.once('exit', resolve))
    this.signal(signal)
    await gone
  }
}
