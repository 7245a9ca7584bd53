import type { Clock } from '@rivven/runtime'
import type { Logger } from 'pino'
import { isPassing } from '../../../database/database-error.js'
import type { MemberEntry, Registration } from '../../../database/members.js'
import { JoinError } from '../../join-error.js'
import { type ClusterTimes, RETRY_MS } from '../cluster-times.js'
import type { ImageFollower } from '../image/image-follower.js'
import { passed } from '../insist.js'
import type { LossReason, Membership } from './membership.js'
import type { SignOfLife } from './sign-of-life.js'

export interface LivesOptions {
  readonly membership: Membership
  readonly follower: ImageFollower
  readonly signOfLife: SignOfLife
  readonly clock: Clock
  readonly times: ClusterTimes
  readonly log: Logger
  /** Closes everything that is led here. */
  loseAll(): Promise<void>
  /** Whether somebody wants the broker with this id to lead nothing, as of now. */
  isDrained(brokerId: number): boolean
  /** A life has begun, and the image says what it leads. */
  begun(): void
}

type Self = Omit<MemberEntry, 'leaseMs' | 'isDraining'>

/** The lives of this broker: losing one is starting again without leaving the process. */
export class Lives {
  readonly #options: LivesOptions
  #self: Self | undefined
  #isStopped = false

  constructor(options: LivesOptions) {
    this.#options = options
  }

  /**
   * Begins the first one.
   *
   * @throws JoinError where another process has this id, or the database is not there in time
   */
  async start(self: Self): Promise<void> {
    this.#self = self
    const { clock, times } = this.#options
    const end = clock.monotonic() + times.connectMs
    const takenUntil = clock.monotonic() + times.leaseMs + times.renewMs
    for (;;) {
      const began = await this.#begin()
      if (began === 'begun' || this.#isStopped) return
      if (began === 'taken' && clock.monotonic() >= takenUntil) throw new JoinError(this.#takenSentence())
      if (clock.monotonic() >= end) throw new JoinError(`The database did not answer within ${times.connectMs} ms.`)
      await passed(clock, RETRY_MS)
    }
  }

  /** What was led is closed first: a term that is over is answered for by somebody else. */
  async lost(why: LossReason): Promise<void> {
    const { signOfLife, clock, times, log } = this.#options
    log.warn({ why }, sentences[why])
    // If another process has taken the id meanwhile, it is waiting for the lock.
    await signOfLife.letGo()
    await this.#options.loseAll()
    let wasTaken = false
    while (!this.#isStopped) {
      const began = await this.#begin()
      if (began === 'begun') return
      if (began === 'taken' && !wasTaken) log.error(this.#takenSentence())
      wasTaken ||= began === 'taken'
      await passed(clock, began === 'taken' ? times.leaseMs : RETRY_MS)
    }
  }

  stop(): void {
    this.#isStopped = true
  }

  async #begin(): Promise<'begun' | 'taken' | 'unknown'> {
    const { membership, follower, signOfLife } = this.#options
    if (!this.#self || this.#isStopped) return 'unknown'
    try {
      await follower.refresh()
      const { brokerId } = this.#self
      const isDraining = brokerId !== undefined && this.#options.isDrained(brokerId)
      const registration = await membership.register({ ...this.#self, isDraining })
      if (registration === 'taken') return 'taken'
      this.#take(registration, isDraining)
      signOfLife.hold(registration.me.brokerId)
      return 'begun'
    } catch (error) {
      if (!isPassing(error)) throw error
      return 'unknown'
    }
  }

  #take({ me, version, partitions }: Registration, isDraining: boolean): void {
    const { follower, log } = this.#options
    if (!this.#self) return
    this.#self = { ...this.#self, brokerId: me.brokerId }
    const { addresses, rack, software } = this.#self
    const row = { ...me, addresses, rack, software, isDraining, isGone: false, changed: version }
    follower.apply({ brokers: [row], partitions })
    follower.heard(version)
    log.info({ brokerId: me.brokerId, incarnation: me.incarnation, partitions: partitions.length }, 'in the cluster')
    this.#options.begun()
  }

  #takenSentence(): string {
    const brokerId = this.#self?.brokerId ?? -1
    const there = this.#options.follower.image.brokers.get(brokerId)
    const [address] = there?.addresses.values() ?? []
    const where = address ? ` at ${address.host}:${address.port}` : ''
    return `Another broker${where} is in the cluster as node ${brokerId}: give this one another node_id.`
  }
}

const sentences: Record<LossReason, string> = {
  lease: 'The database could not be reached for a lease: what this broker led may be led by others, and is closed.',
  replaced: 'Another broker has taken the place of this one: what it led is closed.',
  database: 'The database was failed over or restored: everything is opened anew.',
}
