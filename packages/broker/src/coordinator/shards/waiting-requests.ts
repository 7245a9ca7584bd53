import type { Ticket } from './shard-rules.js'

/** A request that its shard has yet to answer. */
export interface WaitingRequest {
  answer(response: unknown): void
  /** The answer that says so when the records behind it could not be stored, or the shard goes. */
  refuse(errorCode: number): unknown
}

/** The requests of a shard that have no answer yet, by their tickets. */
export class WaitingRequests {
  readonly #requests = new Map<Ticket, WaitingRequest>()
  #lastTicket = 0

  newTicket(): Ticket {
    return ++this.#lastTicket
  }

  add(ticket: Ticket, request: WaitingRequest): void {
    this.#requests.set(ticket, request)
  }

  /** It waits no more: whoever takes it answers it. Undefined: it has had its answer. */
  take(ticket: Ticket): WaitingRequest | undefined {
    const request = this.#requests.get(ticket)
    this.#requests.delete(ticket)
    return request
  }

  refuse(ticket: Ticket, errorCode: number): void {
    const request = this.take(ticket)
    request?.answer(request.refuse(errorCode))
  }

  refuseAll(errorCode: number): void {
    for (const ticket of [...this.#requests.keys()]) this.refuse(ticket, errorCode)
  }
}
