import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../support/free-port.js'
import { RivvendProcess } from '../../support/rivvend-process.js'
import type { TroubledDatabase } from '../faults/troubled.js'

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
  // Else whoever comes back between faults leads nothing, and one broker all.
  leader_move_delay_ms: 500,
  // Half a minute and five: hardly a broker lives so long, and what is past its retention would stay.
  log_initial_task_delay_ms: 1_000,
  log_retention_check_interval_ms: 5_000,
}

export interface WorldParts {
  brokers: number
  /** Where they store, as `--storage` or `--data-dir` and what follows. */
  args: readonly string[]
  database: TroubledDatabase | null
  /** Takes away what they stored. */
  remove(): Promise<void>
}

/** Starts brokers; where one does not start, nothing is left. */
export async function worldOf({ brokers: count, args, database, remove }: WorldParts): Promise<World> {
  const logs = mkdtempSync(join(tmpdir(), 'rivven-chaos-'))
  const brokers: RivvendProcess[] = []
  for (let id = 1; id <= count; id++) {
    const log = join(logs, `broker-${id}.log`)
    brokers.push(new RivvendProcess({ port: await freePort(), args, settings: { ...settings, node_id: id }, log }))
  }
  const world: World = {
    brokers,
    database,
    bootstrapServers: brokers.map(({ address }) => address).join(','),
    logs,
    async close({ keepLogs }) {
      await endOf(brokers)
      await remove()
      if (!keepLogs) rmSync(logs, { recursive: true, force: true })
    },
  }
  try {
    await Promise.all(brokers.map((broker) => broker.start()))
    return world
  } catch (error) {
    await world.close({ keepLogs: true })
    throw error
  }
}

/** SIGTERM would be nothing to one that is held. */
async function endOf(brokers: readonly RivvendProcess[]): Promise<void> {
  for (const broker of brokers) broker.signal('SIGCONT')
  await Promise.all(brokers.map((broker) => broker.end('SIGTERM')))
}
