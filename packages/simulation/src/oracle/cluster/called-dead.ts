import type { Seen, Timed } from '../../history/history.js'
import type { FaultKind } from '../../plan/plan.js'
import type { Check, Report } from '../check.js'
import { AFTERMATH_MS, faultMs } from './aftermath.js'

/** What leaves every broker alive and its lease to be renewed in time. */
const harmless: ReadonlySet<string> = new Set<FaultKind>([
  ...(['database connections break', 'cut from other brokers', 'drain'] as const),
  ...(['cut', 'cut one way', 'slow line', 'client pause', 'clock jump', 'clock ahead'] as const),
  'member dies in a rebalance',
])

/** Invariant 40: nobody is called dead, or has to begin anew, who has lost no more than its connections. */
export class CalledDead implements Check {
  readonly #report: Report
  readonly #incarnations = new Map<number, number>()
  #disturbedUntil = 0

  constructor(report: Report) {
    this.#report = report
  }

  see(event: Timed<Seen>): void {
    if (event.kind === 'broker') this.#disturbed(event.at)
    if (event.kind === 'note') {
      const fault = /^fault: (.*?) (\S*) for \d+ ms$/.exec(event.text)
      if (fault && !harmless.has(fault[1]!)) this.#disturbed(event.at + faultMs(event.text))
    }
    if (event.kind === 'life') this.#seeLife(event)
  }

  #disturbed(until: number): void {
    this.#disturbedUntil = Math.max(this.#disturbedUntil, until + AFTERMATH_MS)
  }

  #seeLife({ at, brokerId, incarnation, isGone }: Timed<Extract<Seen, { kind: 'life' }>>): void {
    const before = this.#incarnations.get(brokerId)
    this.#incarnations.set(brokerId, incarnation)
    if (before === undefined || at < this.#disturbedUntil) return
    if (isGone) this.#report('40', `broker ${brokerId} is called dead, and is alive`)
    else if (incarnation !== before) this.#report('40', `broker ${brokerId} begins anew, and nothing was wrong with it`)
  }
}
