import { setMaxListeners } from 'node:events'
import { Chance } from '../../fuzz/harness/chance.js'
import type { Ports } from '../places.js'
import { type Attack, WrongAnswer } from './attack.js'
import { countAnswer, countWrong, newTally, type Tally } from './tally.js'
import { Target } from './target.js'

export interface CrowdOptions {
  attacks: readonly Attack[]
  ports: Ports
  chance: Chance
  /** All connections at once. */
  connections: number
  /** Attacks that begin in a second. */
  pace: number
}

const TICK_MS = 50
/** Whoever is still there when all is over is not waited for longer. */
const END_WITHIN_MS = 10_000

/** Attacks begin at random, one after the other in an even pace, as many at once as connections are free. */
export class Crowd {
  readonly #options: CrowdOptions
  readonly #tallies: ReadonlyMap<Attack, Tally>
  readonly #running = new Set<Promise<void>>()
  readonly #notBefore = new Map<Attack, number>()
  readonly #over = new AbortController()
  #free: number
  /** The most connections there were at once, as attacks have reserved them. */
  mostConnections = 0

  constructor(options: CrowdOptions) {
    this.#options = options
    this.#free = options.connections
    this.#tallies = new Map(options.attacks.map((attack) => [attack, newTally(attack)]))
    // Whoever attacks hears of the end.
    setMaxListeners(0, this.#over.signal)
  }

  get tallies(): Tally[] {
    return [...this.#tallies.values()]
  }

  /** Attacks for so long; resolves when all have left. */
  async attack(ms: number): Promise<void> {
    const until = performance.now() + ms
    let owed = 0
    while (performance.now() < until) {
      owed = Math.min(owed + (this.#options.pace * TICK_MS) / 1_000, this.#options.pace)
      while (owed >= 1 && this.#beginOne()) owed--
      await new Promise((next) => setTimeout(next, TICK_MS))
    }
    this.#over.abort()
    const late = new Promise((next) => setTimeout(next, END_WITHIN_MS).unref())
    await Promise.race([Promise.all(this.#running), late])
  }

  #beginOne(): boolean {
    const now = performance.now()
    const possible = this.#options.attacks.filter(
      (attack) => (attack.connections ?? 1) <= this.#free && (this.#notBefore.get(attack) ?? 0) <= now,
    )
    if (possible.length === 0) return false
    const attack = chosen(possible, this.#options.chance)
    const running = this.#run(attack).finally(() => this.#running.delete(running))
    this.#running.add(running)
    return true
  }

  async #run(attack: Attack): Promise<void> {
    const { ports, chance, connections } = this.#options
    const width = attack.connections ?? 1
    const tally = this.#tallies.get(attack)!
    const target = new Target({ ports, tally, chance: new Chance(chance.next()), signal: this.#over.signal })
    this.#free -= width
    this.mostConnections = Math.max(this.mostConnections, connections - this.#free)
    // It does not begin again before it has ended.
    if (attack.everyMs !== undefined) this.#notBefore.set(attack, Number.POSITIVE_INFINITY)
    tally.runs++
    try {
      await attack.run(target)
    } catch (error) {
      if (this.#over.signal.aborted) countAnswer(tally, 'cut off by the end')
      else if (attack.isStranger && !(error instanceof WrongAnswer) && isClosed(error)) countAnswer(tally, 'closed')
      else countWrong(tally, error instanceof Error ? error.message : String(error))
    } finally {
      target.end()
      this.#free += width
      if (attack.everyMs !== undefined) this.#notBefore.set(attack, performance.now() + attack.everyMs)
    }
  }
}

/** As RawConnection, sockets and TLS say it. */
function isClosed(error: unknown): boolean {
  return /closed the connection|ECONNRESET|EPIPE|socket disconnected|socket hang up/.test(String(error))
}

/** By weight. */
function chosen(attacks: readonly Attack[], chance: Chance): Attack {
  const all = attacks.reduce((sum, { weight = 1 }) => sum + weight, 0)
  let left = chance.below(all)
  for (const attack of attacks) {
    left -= attack.weight ?? 1
    if (left < 0) return attack
  }
  return attacks[0]!
}
