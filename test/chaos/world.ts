import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../support/free-port.js'
import { RivvendProcess } from '../support/rivvend-process.js'
import type { TroubledDatabase } from './faults/troubled.js'

/** Where brokers keep what they store. */
export type Storage = 'files' | 'postgres'

/** Brokers in processes of their own, and what they store in. */
export interface World {
  readonly brokers: readonly RivvendProcess[]
  readonly database: TroubledDatabase | null
  readonly bootstrapServers: string
  /** What brokers wrote to stderr. */
  readonly logs: string
  /** Ends all of them, and takes away what they stored; logs stay if `keepLogs`. */
  close(options: { keepLogs: boolean }): Promise<void>
}

const settings = {
  http: 'off',
  log_level: 'info',
  group_initial_rebalance_delay_ms: 0,
  group_min_session_timeout_ms: 1000,
  default_replication_factor: 1,
}

/** One broker on files of its own. */
export async function worldOnFiles(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'rivven-chaos-'))
  const dataDir = mkdtempSync(join(tmpdir(), 'rivven-chaos-data-'))
  const options = { port: await freePort(), args: ['--data-dir', dataDir], settings, log: join(folder, 'broker-1.log') }
  const broker = new RivvendProcess(options)
  await broker.start()
  return {
    brokers: [broker],
    database: null,
    bootstrapServers: broker.address,
    logs: folder,
    async close({ keepLogs }) {
      await endOf([broker])
      rmSync(dataDir, { recursive: true, force: true })
      if (!keepLogs) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** SIGTERM would be nothing to one that is held. */
async function endOf(brokers: readonly RivvendProcess[]): Promise<void> {
  for (const broker of brokers) broker.signal('SIGCONT')
  await Promise.all(brokers.map((broker) => broker.end('SIGTERM')))
}
