import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const rivvend = join(import.meta.dirname, '../packages/rivvend/bin/rivvend.cjs')

/** rivvend in a process of its own, on this folder; `settings` are keys of its configuration. */
export async function startBroker(dataDir, settings = { listen: '127.0.0.1:0' }) {
  const keys = { group_initial_rebalance_delay_ms: 0, num_partitions: 4, http: 'off', ...settings }
  const set = Object.entries(keys).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  const child = spawn(process.execPath, [rivvend, '--data-dir', dataDir, ...set], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const close = () =>
    new Promise((resolve) => {
      child.once('exit', resolve)
      child.kill('SIGTERM')
    })
  for await (const line of createInterface({ input: child.stdout })) {
    const address = line.match(/ready on ([^\s,]+)/)?.[1]
    if (address) return { address, close }
  }
  throw new Error('rivvend ended before it was ready')
}
