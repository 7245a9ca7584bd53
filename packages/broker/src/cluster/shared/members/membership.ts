import type { Clock, Timer } from '@rivven/runtime'
import type { Incarnation } from '../../../database/database.js'
import { isPassing } from '../../../database/database-error.js'
import type { MemberEntry, Members, Registration, Renewal } from '../../../database/members.js'
import { CALL_MS, type ClusterTimes } from '../cluster-times.js'
import { within } from '../insist.js'

/** The lease is over; a later life of this id is there; the database may have lost its end. */
export type LossReason = 'lease' | 'replaced' | 'database'

export interface MembershipOptions {
  readonly members: Members
  readonly clock: Clock
  readonly times: ClusterTimes
  renewed(renewal: Renewal): void
  /** This life is over, and nothing that it led may be answered from memory. Another one begins with `register`. */
  lost(why: LossReason): void
}

/** One life of a broker: what another may have taken over it must not answer for. */
interface Life {
  readonly me: Incarnation
  readonly timeline: string
  /** Since when it was here without a break. */
  readonly since: number
  /** Monotonic. The database's end of the lease is always later: it began to count when the renewal arrived. */
  until: number
}

/** That this broker is here, in the eyes of the others. */
export class Membership {
  readonly #options: MembershipOptions
  #life: Life | undefined
  readonly #timers: { renewal?: Timer; end?: Timer } = {}

  constructor(options: MembershipOptions) {
    this.#options = options
  }

  /** Undefined while it is not registered. */
  get me(): Incarnation | undefined {
    return this.#life?.me
  }

  /** Compares at each look: after a pause of the process a request may come before any timer. */
  get isServing(): boolean {
    return this.#life !== undefined && this.#options.clock.monotonic() < this.#life.until
  }

  /** Since the renewal was sent that counts, in ms; null while it is not registered. */
  get leaseAgeMs(): number | null {
    const { clock, times } = this.#options
    return this.#life ? clock.monotonic() - (this.#life.until - times.leaseMs) : null
  }

  /** For how long nobody can have taken this broker for dead, in ms. */
  get unbrokenMs(): number {
    return this.isServing && this.#life ? this.#options.clock.monotonic() - this.#life.since : 0
  }

  /** Begins a life and keeps it up. Rejects with what the database said; where nobody knows it may be called again. */
  async register(entry: Omit<MemberEntry, 'leaseMs'>): Promise<Registration | 'taken'> {
    const { members, clock, times } = this.#options
    this.stop()
    const sentAt = clock.monotonic()
    const answer = await within(clock, CALL_MS, members.register({ ...entry, leaseMs: times.leaseMs }))
    if (answer === 'taken') return answer
    const { me, timeline } = answer
    this.#life = { me, timeline, since: sentAt, until: sentAt + times.leaseMs }
    this.#watchEnd(this.#life)
    this.#renewLater(this.#life)
    return answer
  }

  /** Ends this life without telling anybody. */
  stop(): void {
    this.#life = undefined
    this.#timers.renewal?.cancel()
    this.#timers.end?.cancel()
  }

  lose(why: LossReason): void {
    if (!this.#life) return
    this.stop()
    this.#options.lost(why)
  }

  #renewLater(life: Life): void {
    const { clock, times } = this.#options
    this.#timers.renewal = clock.setTimer(times.renewMs, () => {
      this.#renew(life).then(() => {
        if (this.#life === life) this.#renewLater(life)
      })
    })
  }

  async #renew(life: Life): Promise<void> {
    const { members, clock, times } = this.#options
    const sentAt = clock.monotonic()
    try {
      const answer = await within(clock, times.leaseMs / 3, members.renew(life.me, times.leaseMs))
      if (this.#life === life) this.#take(life, answer, sentAt)
    } catch (error) {
      // The next one may come through, and the end of the lease is watched.
      if (!isPassing(error)) throw error
    }
  }

  #take(life: Life, answer: Renewal | 'replaced', sentAt: number): void {
    if (answer === 'replaced') this.lose('replaced')
    else if (answer.timeline !== life.timeline) this.lose('database')
    // Renewed after its end it is no proof that nobody took over in between.
    else if (!this.isServing) this.lose('lease')
    else {
      life.until = sentAt + this.#options.times.leaseMs
      this.#options.renewed(answer)
    }
  }

  #watchEnd(life: Life): void {
    const { clock } = this.#options
    this.#timers.end = clock.setTimer(life.until - clock.monotonic(), () => {
      if (this.isServing) this.#watchEnd(life)
      else this.lose('lease')
    })
  }
}
