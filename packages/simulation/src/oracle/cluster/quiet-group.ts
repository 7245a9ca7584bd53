import type { Seen, Timed } from '../../history/history.js'
import { quietGroup, quietMs } from '../../plan/clusters.js'
import type { Plan } from '../../plan/plan.js'
import type { Check, Report } from '../check.js'

/** Invariant 39: a group whose members live on keeps its generation and its assignment, however often its coordinator moves. */
export class QuietGroup implements Check {
  readonly #report: Report
  /** Where what the group reads grows it has to rebalance. */
  readonly #isWatched: boolean
  #generation = -1

  constructor(report: Report, plan: Plan) {
    this.#report = report
    this.#isWatched = !plan.actors.some(({ kind }) => kind === 'administrator')
  }

  see(event: Timed<Seen>): void {
    if (!this.#isWatched || event.kind !== 'answer' || event.exchange.api.name !== 'JoinGroup') return
    const { request, response } = event.exchange
    if (request.groupId !== quietGroup || response.errorCode !== 0 || response.generationId === this.#generation) return
    if (event.at > quietMs && this.#generation !== -1)
      this.#report('39', `${quietGroup} goes from generation ${this.#generation} to ${response.generationId}`)
    this.#generation = response.generationId
  }
}
