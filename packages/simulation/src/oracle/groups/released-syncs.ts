import type { Exchange, Seen, Timed } from '../../history/history.js'
import { Calm } from '../calm.js'
import type { Check, Report } from '../check.js'

const graceMs = 200
const NONE = 0

/** Faults that strike members only: the broker answers the others as ever. */
const ofMembers = /^fault: (member dies|client pause|clock)/

/**
 * Invariant 6: whoever waits for the assignment of a generation is answered before there is a later one. That somebody died,
 * or sleeps, is no excuse: that is when a rebalance finds others waiting.
 */
export class ReleasedSyncs implements Check {
  readonly #report: Report
  /** SyncGroup without an answer: since when its generation has been over. */
  readonly #waiting = new Map<Exchange, number>()
  readonly #calm = new Calm(ofMembers)

  constructor(report: Report) {
    this.#report = report
  }

  see(event: Timed<Seen>): void {
    if (this.#calm.isDisturbedBy(event)) this.#waiting.clear()
    if (event.kind === 'gone') this.#forget(event.host)
    if (event.kind === 'request') this.#seeRequest(event.exchange, event.at)
    if (event.kind === 'answer') this.#seeAnswer(event.exchange, event.at)
  }

  #seeRequest(exchange: Exchange, at: number): void {
    const { api, host } = exchange
    // It waits for that one no more.
    if (api.name === 'JoinGroup' || api.name === 'LeaveGroup') this.#forget(host)
    if (api.name === 'SyncGroup' && this.#calm.isOver(at)) this.#waiting.set(exchange, Number.POSITIVE_INFINITY)
    if (api.name === 'Heartbeat') this.#look(at)
  }

  #seeAnswer(exchange: Exchange, at: number): void {
    this.#waiting.delete(exchange)
    const { api, request, response } = exchange
    if (api.name !== 'JoinGroup' || response.errorCode !== NONE) return
    for (const [sync, overSince] of this.#waiting) {
      const { groupId, generationId } = sync.request
      const isOver = groupId === request.groupId && generationId < response.generationId
      if (isOver && overSince > at) this.#waiting.set(sync, at)
    }
  }

  /** Its connection ends, and nobody answers there any more. */
  #forget(host: string): void {
    for (const exchange of this.#waiting.keys()) if (exchange.host === host) this.#waiting.delete(exchange)
  }

  #look(now: number): void {
    for (const [exchange, overSince] of this.#waiting) {
      if (now - overSince < graceMs) continue
      const { host, request } = exchange
      const overMs = (now - overSince).toFixed(0)
      this.#report('6', `SyncGroup of ${host} waits, and generation ${request.generationId} is over since ${overMs} ms`)
      this.#waiting.delete(exchange)
    }
  }
}
