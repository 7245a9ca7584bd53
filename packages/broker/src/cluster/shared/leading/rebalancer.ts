import type { Clock, Timer } from '@rivven/runtime'
import type { Logger } from 'pino'
import { internalTopics } from '../../../catalog/topic-name.js'
import { Slots } from '../../../slots.js'
import type { ClusterCounts } from '../../cluster-counts.js'
import type { ClusterImage } from '../../image.js'
import { type Move, planMoves } from '../../placement/plan-moves.js'
import type { ClusterTimes } from '../cluster-times.js'
import type { ImageFollower } from '../image/image-follower.js'
import type { Membership } from '../members/membership.js'
import { movesFrom, placementIn } from '../moves.js'
import type { Manners } from './hand-over.js'
import type { Leadership } from './leadership.js'

export interface RebalancerOptions {
  readonly counts: ClusterCounts
  readonly follower: ImageFollower
  readonly membership: Membership
  readonly leadership: Leadership
  readonly clock: Clock
  readonly log: Logger
  readonly times: ClusterTimes
  /** Kafka's auto.leader.rebalance.enable: false moves nothing for the sake of balance. */
  readonly balances: boolean
  /** How many move at once for the sake of balance. */
  readonly movesAtOnce: number
}

/** After a change of the image: to plan takes 40 ms of CPU where there are ten thousand topics, and changes come in numbers. */
const LOOK_MS = 1_000
/** Between two batches of moves for the sake of balance. */
const PAUSE_MS = 250
/** How many partitions a broker that is drained gives at once. */
const DRAINED_AT_ONCE = 8
/** A coordinator's partition waits so long for its groups to settle; balance comes back then. */
const forBalance = { patienceMs: 10_000, isUrgent: false }
const forDrain: Manners = { patienceMs: 1_000, isUrgent: true }

/**
 * Gives away what this broker leads and others should: at once where it is drained; in small steps, and when nobody has come or
 * gone for a while, where it has more than its share. Nobody directs: each broker carries out its part of the same plan.
 */
export class Rebalancer {
  readonly #options: RebalancerOptions
  /** Nothing moves for the sake of balance before; a change of the image may have it look earlier. */
  #balanceAt: number
  #timer: Timer | undefined
  /** When the timer fires. */
  #lookAt = Number.POSITIVE_INFINITY
  #working = false
  /** Partitions whose groups were not calm, for balance: others come first. */
  readonly #busy = new Set<number>()
  /** Moves for balance wait for groups until it is aborted: a drain does not wait for them. */
  #patience = new AbortController()
  #isStopped = false
  #plan: { readonly image: ClusterImage; readonly moves: readonly Move[] } | undefined

  constructor(options: RebalancerOptions) {
    this.#options = options
    this.#balanceAt = options.clock.monotonic() + options.times.moveDelayMs
  }

  changed(now: ClusterImage, before: ClusterImage): void {
    const { clock, times } = this.#options
    if (!areSame(now, before)) this.#balanceAt = clock.monotonic() + times.moveDelayMs
    const { me } = this.#options.membership
    const isDrained = me !== undefined && now.brokers.get(me.brokerId)?.isDraining === true
    if (isDrained) this.#hurry()
    this.#lookIn(isDrained || now.asked !== before.asked ? 0 : LOOK_MS)
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  /** What all brokers should give away, as of now. */
  get plan(): readonly Move[] {
    const { follower, balances } = this.#options
    const { image } = follower
    if (this.#plan?.image === image) return this.#plan.moves
    const isOurs = ({ why }: Move) => why !== 'death' && (why !== 'balance' || balances)
    const moves = planMoves(placementIn(image)).filter(isOurs)
    this.#plan = { image, moves }
    return moves
  }

  /** What this broker should give away, as of now; the most urgent first, of those the internal topics. */
  planned(): Move[] {
    const { membership } = this.#options
    if (!membership.me || !membership.isServing) return []
    const moves = movesFrom(membership.me.brokerId, this.plan)
    const internal = this.#internal()
    const rank = ({ partId }: Move) => (internal.has(partId) ? 0 : 1)
    return moves.sort((a, b) => rank(a) - rank(b))
  }

  /** Gives away all that can be given: some at once, until nothing is left or `isOver`. */
  async drain(isOver: () => boolean): Promise<void> {
    this.#hurry()
    while (!isOver()) {
      const moves = this.planned().filter(({ why }) => why === 'drain')
      if (moves.length === 0) return
      const slots = new Slots(DRAINED_AT_ONCE)
      const given = await Promise.all(moves.map((move) => slots.run(() => this.#give(move, forDrain, isOver))))
      if (!given.includes(true)) return
    }
  }

  #hurry(): void {
    this.#patience.abort()
    this.#patience = new AbortController()
  }

  #lookIn(ms: number): void {
    const { clock } = this.#options
    const at = clock.monotonic() + ms
    if (this.#isStopped || this.#working || at >= this.#lookAt) return
    this.#lookAt = at
    this.#timer?.cancel()
    this.#timer = clock.setTimer(ms, () => {
      this.#lookAt = Number.POSITIVE_INFINITY
      this.#working = true
      this.#work().then((next) => {
        this.#working = false
        if (next !== undefined) this.#lookIn(next)
      })
    })
  }

  /** Says in how many ms to look again; undefined: when something changes. */
  async #work(): Promise<number | undefined> {
    const { clock } = this.#options
    await this.drain(() => this.#isStopped)
    const moves = this.planned()
    if (moves.length === 0) return undefined
    if (moves.some(({ why }) => why === 'drain')) return PAUSE_MS
    const asked = moves.filter(({ why }) => why === 'request')
    const leftMs = this.#balanceAt - clock.monotonic()
    if (asked.length === 0 && leftMs > 0) return leftMs
    const manners = { ...forBalance, hurry: this.#patience.signal }
    const next = this.#nextOf(asked.length > 0 ? asked : moves)
    await Promise.all(next.map((move) => this.#give(move, manners, () => this.#isStopped)))
    this.#balanceAt = Math.max(this.#balanceAt, clock.monotonic() + PAUSE_MS)
    return PAUSE_MS
  }

  /** A few; of the internal topics, where a move ends and begins a coordinator, one. */
  #nextOf(moves: readonly Move[]): Move[] {
    const internal = this.#internal()
    const ofInternal = moves.filter(({ partId }) => internal.has(partId))
    const calm = ofInternal.filter(({ partId }) => !this.#busy.has(partId))
    if (calm.length === 0) this.#busy.clear()
    const first = (calm.length > 0 ? calm : ofInternal).slice(0, 1)
    const plain = moves.filter(({ partId }) => !internal.has(partId))
    return [...first, ...plain].slice(0, this.#options.movesAtOnce)
  }

  async #give(move: Move, manners: Manners, isOver: () => boolean): Promise<boolean> {
    if (isOver()) return false
    const { leadership, counts, clock, log } = this.#options
    const given = await leadership.handOver(move, move.to, manners)
    if (given?.handed === 'busy') this.#busy.add(move.partId)
    if (given?.handed !== 'elsewhere') return false
    const { topic, partition, pauseMs } = given
    const { from, to, why } = move
    counts.moved({ at: clock.now(), topic, partition, from, to, why, pauseMs })
    log.info({ topic, partition, to, why, pauseMs }, 'a partition was handed over')
    return true
  }

  #internal(): ReadonlySet<number> {
    const { topics } = this.#options.follower.image
    const partitions = [...internalTopics].flatMap((name) => topics.get(name)?.partitions ?? [])
    return new Set(partitions.map(({ partId }) => partId))
  }
}

/** Whether the same brokers may lead in both. */
function areSame(now: ClusterImage, before: ClusterImage): boolean {
  if (now.brokers.size !== before.brokers.size) return false
  return [...now.brokers.values()].every(({ id, isDraining }) => before.brokers.get(id)?.isDraining === isDraining)
}
