import type { Seen, Timed } from '../history/history.js'
import type { Check, Report } from './check.js'

/** Invariant 10, as far as members see to it: a static member that ends is expected back and does not leave (KIP-345). */
export class StaticMembers implements Check {
  readonly #report: Report
  /** Member ids of static members. */
  readonly #static = new Set<string>()

  constructor(report: Report) {
    this.#report = report
  }

  see(event: Timed<Seen>): void {
    if (event.kind === 'answer' && event.exchange.api.name === 'JoinGroup') {
      const { request, response } = event.exchange
      if (request.groupInstanceId !== null && response.errorCode === 0) this.#static.add(response.memberId)
    }
    if (event.kind !== 'request' || event.exchange.api.name !== 'LeaveGroup') return
    for (const { memberId } of event.exchange.request.members) {
      if (this.#static.has(memberId)) this.#report('10', `static member ${memberId} leaves its group`)
    }
  }
}
