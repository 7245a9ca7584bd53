import type { Seen, Timed, Watcher } from '../history/history.js'

export interface Identity {
  readonly memberId: string
  readonly generationId: number
  readonly groupInstanceId: string | null
}

/** Learns from the wire who is and who was a member of a group. */
export class Eavesdropper implements Watcher {
  readonly #group: string
  readonly #known: Identity[] = []
  #generation = -1

  constructor(group: string) {
    this.#group = group
  }

  /** Members of generations that are over. A static member's latest one may still be valid: it is left out. */
  get former(): Identity[] {
    return this.#known.filter(({ generationId }) => generationId < this.#generation)
  }

  /** Somebody of the newest generation. */
  get present(): Identity | undefined {
    return this.#known.at(-1)
  }

  see(event: Timed<Seen>): void {
    if (event.kind !== 'answer' || event.exchange.api.name !== 'JoinGroup') return
    const { request, response } = event.exchange
    if (request.groupId !== this.#group || response.errorCode !== 0) return
    const { memberId, generationId } = response
    this.#known.push({ memberId, generationId, groupInstanceId: request.groupInstanceId })
    this.#generation = Math.max(this.#generation, generationId)
  }
}
