import type { Clock } from '@rivven/runtime'
import type { Incarnation, Term } from '../../../database/database.js'
import { isPassing } from '../../../database/database-error.js'
import type { Members } from '../../../database/members.js'
import type { Assigned, HandOver as HandOverOfLed } from '../../cluster.js'
import { leaderOf } from '../../image.js'
import { CALL_MS } from '../cluster-times.js'
import type { ImageFollower } from '../image/image-follower.js'
import { insist } from '../insist.js'
import type { Membership } from '../members/membership.js'

export interface HandOverOptions {
  readonly members: Members
  readonly membership: Membership
  readonly follower: ImageFollower
  readonly clock: Clock
}

/** What a partition is given away with. */
export type Manners = Pick<HandOverOfLed, 'patienceMs' | 'isUrgent' | 'hurry'>

export interface Given extends Manners {
  readonly topic: string
  readonly index: number
  readonly term: Term
  readonly target: number
  readonly signal: AbortSignal
}

/** One partition that this broker gives away: what `Led.handOver` is called with. */
export class HandOver implements HandOverOfLed {
  readonly #options: HandOverOptions
  readonly #given: Given
  readonly #me: Incarnation | undefined
  #begunAt: number | undefined

  constructor(options: HandOverOptions, given: Given) {
    this.#options = options
    this.#given = given
    this.#me = options.membership.me
  }

  get patienceMs(): number {
    return this.#given.patienceMs
  }

  get isUrgent(): boolean {
    return this.#given.isUrgent
  }

  get hurry(): AbortSignal | undefined {
    return this.#given.hurry
  }

  get signal(): AbortSignal {
    return this.#given.signal
  }

  begun(): void {
    this.#begunAt = this.#options.clock.monotonic()
  }

  /** Since requests wait; 0: they do not. */
  get pauseMs(): number {
    return this.#begunAt === undefined ? 0 : this.#options.clock.monotonic() - this.#begunAt
  }

  /** Nobody knows who leads it where the database does not answer: then it is not here until the image says so again. */
  async assign(): Promise<Assigned> {
    const { members, membership, follower, clock } = this.#options
    const { partId, epoch } = this.#given.term
    const me = this.#me
    if (!me || membership.me !== me) return 'elsewhere'
    try {
      // Made again it moves nothing: what became of the first one is in the image.
      const move = { partId, epoch, target: this.#given.target }
      const { partitions, version } = await insist(clock, CALL_MS, () => members.assign(me, [move]))
      follower.apply({ partitions })
      if (partitions.length === 0) await follower.reach(version)
      else follower.heard(version)
    } catch (error) {
      if (!isPassing(error)) throw error
      return 'elsewhere'
    }
    return this.#isStillMine() ? 'still here' : 'elsewhere'
  }

  #isStillMine(): boolean {
    const { topic, index, term } = this.#given
    const partition = leaderOf(this.#options.follower.image, topic, index)
    return partition?.partId === term.partId && partition.epoch === term.epoch
  }
}
