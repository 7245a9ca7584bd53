import type { Clock, Network, Timer } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { Incarnation } from '../../../database/database.js'
import { isPassing } from '../../../database/database-error.js'
import type { Members } from '../../../database/members.js'
import type { PartitionRow } from '../../../database/metadata.js'
import type { ClusterCounts } from '../../cluster-counts.js'
import type { BrokerNode, ClusterImage } from '../../image.js'
import { type Move, planMoves } from '../../placement/plan-moves.js'
import { CALL_MS, type ClusterTimes } from '../cluster-times.js'
import type { ImageFollower } from '../image/image-follower.js'
import { within } from '../insist.js'
import { hasOrphans, movesTo, placementIn } from '../moves.js'
import type { Membership } from './membership.js'

export interface DeathWatchOptions {
  readonly counts: ClusterCounts
  readonly members: Members
  readonly follower: ImageFollower
  readonly membership: Membership
  readonly clock: Clock
  readonly network: Network
  readonly times: ClusterTimes
  readonly log: Logger
}

/** So long after the one before it in the ranks a broker acts. */
const RANK_MS = 100
/** A process that is gone refuses at once; one that hangs does not answer, and its lease decides. */
const CONNECT_MS = 500

/**
 * Calls other brokers dead, and gives what they led to those that are here. It is never wrong in a way that does harm: terms fence
 * whoever lives on, and the database looks at the lease itself.
 */
export class DeathWatch {
  readonly #options: DeathWatchOptions
  /** As of the last renewal. */
  #late: readonly Incarnation[] = []
  readonly #waiting = new Map<number, Timer>()
  #orphans: Timer | undefined

  constructor(options: DeathWatchOptions) {
    this.#options = options
  }

  /** Brokers whose leases are over, as the database sees it. */
  late(late: readonly Incarnation[]): void {
    this.#late = late
    for (const dead of late) this.#buryLater(dead)
    this.#adoptLater()
  }

  /** Its session is gone. That alone is not its end: nobody must listen at its address, either. */
  async ended(broker: BrokerNode): Promise<void> {
    if (!(await this.#refuses(broker)) || !this.#isHere(broker)) return
    await this.#bury(broker, true)
  }

  /** It has no session, and nobody saw that end. Of a cluster that starts as a whole the others are only later: as with leases, who came just now judges nobody. */
  async missed(broker: BrokerNode): Promise<void> {
    const { membership, times } = this.#options
    if (membership.unbrokenMs >= times.leaseMs) await this.ended(broker)
  }

  changed(): void {
    this.#adoptLater()
  }

  stop(): void {
    for (const timer of this.#waiting.values()) timer.cancel()
    this.#waiting.clear()
    this.#orphans?.cancel()
    this.#orphans = undefined
  }

  /** After an outage of the database all leases are over: whoever was here all the time may judge, nobody else. */
  #buryLater(dead: Incarnation): void {
    const { clock, membership, times } = this.#options
    const rank = this.#rankBehind(dead.brokerId)
    if (membership.unbrokenMs < times.leaseMs || rank === undefined || this.#waiting.has(dead.brokerId)) return
    const timer = clock.setTimer(rank * RANK_MS, () => {
      this.#waiting.delete(dead.brokerId)
      const isLate = this.#late.some((one) => isSame(one, dead))
      const node = this.#image.brokers.get(dead.brokerId)
      if (isLate && node?.incarnation === dead.incarnation && membership.isServing) void this.#bury(node, false)
    })
    this.#waiting.set(dead.brokerId, timer)
  }

  async #bury({ id, incarnation }: BrokerNode, sawItsEnd: boolean): Promise<void> {
    const { members, follower, clock, log } = this.#options
    // Nothing is given to somebody who may be dead as well.
    const without = [id, ...this.#late.map(({ brokerId }) => brokerId)]
    const moves = planMoves(placementIn(this.#image, without)).filter(({ from }) => from === id || from === null)
    const dead = { brokerId: id, incarnation }
    try {
      const answer = await within(clock, CALL_MS, members.bury(dead, sawItsEnd, movesTo(moves)))
      follower.apply({ partitions: answer.partitions })
      follower.heard(answer.version)
      this.#note(answer.partitions, moves)
      if (!answer.isBuried) return
      const why = sawItsEnd ? 'its session ended and nobody listens at its address' : 'its lease is over'
      log.warn({ brokerId: id, partitions: answer.partitions.length }, `broker ${id} is gone: ${why}`)
    } catch (error) {
      // It is late at the next renewal, too.
      if (!isPassing(error)) throw error
    }
  }

  /** A burial and a creation, or a departure, have crossed: partitions whose leader is gone, though nobody is to be buried. */
  #adoptLater(): void {
    const { clock, membership } = this.#options
    const rank = this.#ranked().indexOf(membership.me?.brokerId ?? -1)
    if (this.#orphans || rank < 0 || !hasOrphans(this.#image)) return
    this.#orphans = clock.setTimer(rank * RANK_MS, () => {
      this.#orphans = undefined
      void this.#adopt()
    })
  }

  async #adopt(): Promise<void> {
    const { members, membership, follower, clock } = this.#options
    const { me } = membership
    if (!me || !membership.isServing || !hasOrphans(this.#image)) return
    const isOrphan = ({ from }: Move) => from === null || !this.#image.brokers.has(from)
    const moves = planMoves(placementIn(this.#image)).filter(isOrphan)
    try {
      const answer = await within(clock, CALL_MS, members.assign(me, movesTo(moves)))
      follower.apply({ partitions: answer.partitions })
      follower.heard(answer.version)
      this.#note(answer.partitions, moves)
    } catch (error) {
      // The next renewal looks again.
      if (!isPassing(error)) throw error
    }
  }

  /** What was given to others. */
  #note(given: readonly PartitionRow[], moves: readonly Move[]): void {
    const { counts, follower, clock } = this.#options
    const before = new Map(moves.map(({ partId, from }) => [partId, from]))
    for (const { partId, topicId, index: partition, leader } of given) {
      const topic = follower.rows.topics.get(topicId)?.name
      if (topic === undefined || leader === null) continue
      const from = before.get(partId) ?? null
      counts.moved({ at: clock.now(), topic, partition, from, to: leader, why: 'death', pauseMs: null })
    }
  }

  #rankBehind(dead: number): number | undefined {
    const ids = this.#ranked().filter((id) => id !== dead)
    const inOrder = [...ids.filter((id) => id > dead), ...ids.filter((id) => id < dead)]
    const rank = inOrder.indexOf(this.#options.membership.me?.brokerId ?? -1)
    return rank < 0 ? undefined : rank
  }

  /** Who can act: whoever is here and not late. */
  #ranked(): number[] {
    return [...this.#image.brokers.keys()].filter((id) => !this.#late.some(({ brokerId }) => brokerId === id))
  }

  async #refuses({ addresses }: BrokerNode): Promise<boolean> {
    for (const address of addresses.values()) {
      try {
        const stream = await this.#options.network.connect(address, CONNECT_MS)
        stream.destroy()
        return false
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') return false
      }
    }
    return addresses.size > 0
  }

  #isHere({ id, incarnation }: BrokerNode): boolean {
    return this.#image.brokers.get(id)?.incarnation === incarnation
  }

  get #image(): ClusterImage {
    return this.#options.follower.image
  }
}

function isSame(one: Incarnation, other: Incarnation): boolean {
  return one.brokerId === other.brokerId && one.incarnation === other.incarnation
}
