import type { Exchange, Seen, Timed } from '../../history/history.js'
import type { Check, Report } from '../check.js'

const NONE = 0

/**
 * Invariants 4 and 10 for static members: in one generation an instance id has one assignment, whoever asks for it, before
 * and after a return.
 */
export class StaticReturns implements Check {
  readonly #report: Report
  /** By group, generation and instance id. */
  readonly #assignments = new Map<string, Buffer>()

  constructor(report: Report) {
    this.#report = report
  }

  see(event: Timed<Seen>): void {
    // Generations that were not stored are lost, and come again.
    if (event.kind === 'broker' || event.kind === 'disk') this.#assignments.clear()
    // A group that was forgotten begins anew.
    if (
      event.kind === 'answer' &&
      event.exchange.api.name === 'JoinGroup' &&
      event.exchange.response.generationId === 1
    )
      this.#assignments.clear()
    if (event.kind === 'answer' && event.exchange.api.name === 'SyncGroup') this.#seeSync(event.exchange)
  }

  #seeSync({ request, response }: Exchange): void {
    if (response.errorCode !== NONE || request.groupInstanceId === null) return
    const key = `${request.groupId} ${request.generationId} ${request.groupInstanceId}`
    const before = this.#assignments.get(key)
    if (!before) this.#assignments.set(key, Buffer.from(response.assignment))
    else if (!before.equals(response.assignment))
      this.#report('10', `${request.groupInstanceId} has two assignments in generation ${request.generationId}`)
  }
}
