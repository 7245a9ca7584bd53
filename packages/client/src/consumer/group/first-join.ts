import { isDoneBy } from '@rivven/link'
import type { Clock } from '@rivven/runtime'
import type { JoinAs, JoinOutcome, JoinRequests } from './join-requests.js'

/** How long an id is waited for that comes too late, in milliseconds: coordinators hand them out at once. */
const lateIdMs = 2_000

/**
 * JoinGroup without a member id, as a dynamic member sends it first. Its answer brings an id, and the group waits for whoever
 * has that: when it comes after joining was given up, it is given back.
 */
export class FirstJoin {
  readonly #requests: JoinRequests
  readonly #clock: Clock
  /** What is done about an id that comes too late. */
  #late: Promise<void> | null = null

  constructor(requests: JoinRequests, clock: Clock) {
    this.#requests = requests
    this.#clock = clock
  }

  /** null: it was given up. */
  send(request: Omit<JoinAs, 'signal'>, signal: AbortSignal): Promise<JoinOutcome | null> {
    const answer = this.#requests.join(request)
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#late = answer.then((late) => this.#giveBack(late)).catch(forget)
        resolve(null)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
    })
  }

  /** Waits a moment for the id that may still come, and until it is given back. */
  async settled(timeoutMs: number): Promise<void> {
    const deadline = this.#clock.monotonic() + Math.min(timeoutMs, lateIdMs)
    if (this.#late) await isDoneBy(this.#late, deadline, this.#clock)
  }

  async #giveBack(late: JoinOutcome): Promise<void> {
    const memberId = late.kind === 'idGiven' ? late.memberId : late.kind === 'joined' ? late.answer.memberId : ''
    if (memberId !== '') await this.#requests.leave(memberId, 'it ended while it joined', lateIdMs)
  }
}

function forget(): void {
  // Whoever cannot be told waits for the id until its time is over.
}
