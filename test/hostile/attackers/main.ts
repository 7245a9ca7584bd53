// The attackers, in a process of their own: told by a message what to do, tells what came of it.
import { setPriority } from 'node:os'
import { Chance } from '../../fuzz/harness/chance.js'
import { allAttacks } from '../attacks/all-attacks.js'
import type { Ports } from '../places.js'
import type { Attack } from './attack.js'
import { Crowd } from './crowd.js'
import type { Tally } from './tally.js'

export interface AttackJob {
  ports: Ports
  seed: number
  /** Only attacks with this in their row or name. */
  only: string
  without: string | null
  ms: number
  connections: number
  pace: number
}

export interface AttackResult {
  tallies: Tally[]
  mostConnections: number
  cpuSeconds: number
  /** How long it lasted. */
  seconds: number
}

/** Who attacks has a machine of its own; here it has what others leave. */
const NICE = 10

async function attack({ ports, seed, only, without, ms, connections, pace }: AttackJob): Promise<AttackResult> {
  setPriority(NICE)
  const attacks = allAttacks.filter((attack) => fits(attack, only) && (without === null || !fits(attack, without)))
  const crowd = new Crowd({ attacks, ports, chance: new Chance(seed), connections, pace })
  const startedAt = performance.now()
  await crowd.attack(ms)
  const seconds = (performance.now() - startedAt) / 1_000
  const { user, system } = process.cpuUsage()
  return { tallies: crowd.tallies, mostConnections: crowd.mostConnections, cpuSeconds: (user + system) / 1e6, seconds }
}

function fits({ row, name }: Attack, word: string): boolean {
  return row === word || `${row} ${name}`.includes(word)
}

process.on('message', ({ job }: { job: AttackJob }) => {
  attack(job).then(
    (answer) => process.send!({ answer }),
    (error: Error) => process.send!({ error: error.stack ?? String(error) }),
  )
})
process.once('disconnect', () => process.exit(0))
