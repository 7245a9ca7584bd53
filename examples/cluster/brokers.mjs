// rivvend in processes of its own, all on one database.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const rivvend = join(import.meta.dirname, '../../packages/rivvend/bin/rivvend.cjs')

const settings = {
  http: '127.0.0.1:0',
  group_initial_rebalance_delay_ms: 0,
  // By default brokers wait ten seconds before they even out who leads what.
  leader_move_delay_ms: 1000,
}

/** One of them; it comes back at the address where it was first. */
export class ClusterBroker {
  constructor(id, { storage, port = 0, detached = false }) {
    this.id = id
    this.name = `broker-${id}`
    this.address = `127.0.0.1:${port}`
    this.storage = storage
    this.detached = detached
  }

  async start() {
    const set = Object.entries({ ...settings, node_id: this.id }).flatMap(([key, value]) => [
      '--set',
      `${key}=${value}`,
    ])
    const args = ['--listen', this.address, '--storage', this.storage, ...set]
    this.process = spawn(process.execPath, [rivvend, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: this.detached,
    })
    for await (const line of createInterface({ input: this.process.stdout })) {
      const ready = line.match(/ready on (\S+)/)
      if (!ready) continue
      this.address = ready[1]
      return
    }
    throw new Error(`${this.name} ended before it was ready; what it said stands above.`)
  }

  async end(signal) {
    const { process } = this
    if (!process || process.exitCode !== null || process.signalCode !== null) return
    const gone = new Promise((done) => process.once('exit', done))
    process.kill(signal)
    await gone
  }
}
