import type { Seen, Timed } from '../../history/history.js'
import { brokerHosts } from '../../plan/brokers.js'
import { type Plan, remadeTopics } from '../../plan/plan.js'
import type { Check, Report } from '../check.js'
import { brokerIdOf, type Leaders } from './leaders.js'

/** So long after all is healed every partition must be led by somebody who is there. */
const SERVED_MS = 10_000

/** Invariant 38: healed, every partition is led within 10 s, and in the end each topic by all brokers, equally but for one. */
export class Spread implements Check {
  readonly #report: Report
  readonly #plan: Plan
  readonly #leaders: Leaders
  readonly #remade: ReadonlySet<string>
  readonly #down = new Set<number>()
  #isServedChecked = false
  /** Undefined where it has to be looked at: whoever asks does so at every step. */
  #isDone: boolean | undefined

  constructor(report: Report, plan: Plan, leaders: Leaders) {
    this.#report = report
    this.#plan = plan
    this.#leaders = leaders
    this.#remade = remadeTopics(plan)
  }

  see(event: Timed<Seen>): void {
    if (event.kind === 'broker' || event.kind === 'leader') this.#isDone = undefined
    if (event.kind === 'broker' && event.host !== undefined) {
      if (event.what === 'up') this.#down.delete(brokerIdOf(event.host))
      else this.#down.add(brokerIdOf(event.host))
    }
    if (this.#isServedChecked || event.at < this.#plan.activeMs + SERVED_MS) return
    this.#isServedChecked = true
    for (const problem of this.#unserved()) this.#report('38', problem)
  }

  end(): void {
    for (const problem of [...this.#unserved(), ...this.#uneven()]) this.#report('38', problem)
  }

  get isDone(): boolean {
    this.#isDone ??= this.#unserved().length === 0 && this.#uneven().length === 0
    return this.#isDone
  }

  #unserved(): string[] {
    const lost = this.#standing.filter(({ leader }) => leader === null || this.#down.has(leader))
    return lost.map(({ topic, partition, leader }) => `${topic}-${partition} is left to ${leader ?? 'nobody'}`)
  }

  #uneven(): string[] {
    const brokers = brokerHosts(this.#plan).map(brokerIdOf)
    const topics = new Set(this.#standing.map(({ topic }) => topic))
    return [...topics].flatMap((topic) => {
      const leaders = this.#standing.filter((one) => one.topic === topic).map(({ leader }) => leader)
      const counts = brokers.map((id) => leaders.filter((leader) => leader === id).length)
      return Math.max(...counts) - Math.min(...counts) <= 1 ? [] : [`${topic} is led by ${leaders.join()}`]
    })
  }

  /** Of topics that were never deleted. */
  get #standing() {
    return [...this.#leaders.all].filter(({ topic }) => !this.#remade.has(topic))
  }
}
