import type { Exchange, Seen, Timed } from '../../history/history.js'
import { Calm } from '../calm.js'
import type { Check, Report } from '../check.js'

const graceMs = 1_500

/**
 * Invariants 6 and 8: who joins or waits for an assignment is answered within the longest rebalance timeout of its group,
 * whatever the others do. Only said while nothing else goes wrong.
 */
export class Promptness implements Check {
  readonly #report: Report
  readonly #waiting = new Set<Exchange>()
  readonly #longest = new Map<string, number>()
  readonly #calm = new Calm()

  constructor(report: Report) {
    this.#report = report
  }

  see(event: Timed<Seen>): void {
    if (this.#calm.isDisturbedBy(event)) this.#waiting.clear()
    if (event.kind === 'gone') this.#forget(event.host)
    if (event.kind !== 'request' && event.kind !== 'answer') return
    const { exchange } = event
    const { name } = exchange.api
    if (event.kind === 'answer') this.#waiting.delete(exchange)
    else if ((name === 'JoinGroup' || name === 'SyncGroup') && this.#calm.isOver(event.at)) this.#waiting.add(exchange)
    if (event.kind === 'request' && name === 'JoinGroup') this.#learn(exchange)
    if (name === 'Heartbeat') this.#look(event.at)
  }

  #learn({ request }: Exchange): void {
    const longest = this.#longest.get(request.groupId) ?? 0
    this.#longest.set(request.groupId, Math.max(longest, request.rebalanceTimeoutMs))
  }

  /** Its connection ends, and nobody answers there any more. */
  #forget(host: string): void {
    for (const exchange of this.#waiting) if (exchange.host === host) this.#waiting.delete(exchange)
  }

  #look(now: number): void {
    for (const exchange of this.#waiting) {
      const { groupId, memberId } = exchange.request
      const waitedMs = now - exchange.sentAt
      if (waitedMs < (this.#longest.get(groupId) ?? 0) + graceMs) continue
      this.#report('6', `${exchange.api.name} of ${exchange.host} (${memberId}) waits for ${waitedMs.toFixed(0)} ms`)
      this.#waiting.delete(exchange)
    }
  }
}
