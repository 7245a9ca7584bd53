import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** rivvend in a process of its own, on this folder. */
export async function startBroker(dataDir) {
  const args = [
    join(import.meta.dirname, '../packages/rivvend/bin/rivvend.cjs'),
    '--listen',
    '127.0.0.1:0',
    '--data-dir',
    dataDir,
    '--set',
    'group_initial_rebalance_delay_ms=0',
    '--set',
    'num_partitions=4',
    '--http',
    'off',
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const address = line.match(/ready on (\S+)/)?.[1]
    if (address) return { child, address }
  }
  throw new Error('rivvend ended before it was ready')
}
