import type { Clock } from '@rivven/runtime'
import type { Database } from '../../../database/database.js'
import { isPassing } from '../../../database/database-error.js'
import type { Session } from '../../../database/session.js'
import type { BrokerNode, ClusterImage } from '../../image.js'
import { CALL_MS, type ClusterTimes, RETRY_MS } from '../cluster-times.js'
import { passed, within } from '../insist.js'

export interface SignOfLifeOptions {
  readonly database: Database
  readonly clock: Clock
  readonly times: ClusterTimes
  /** The metadata have reached a version. */
  heard(version: number): void
  /** The session of a broker, which was there when this began to watch it, has ended. */
  ended(broker: BrokerNode): void
  /** A broker is registered, and has no session: not yet, not at the moment, or no longer. Told again and again while it is so. */
  missed(broker: BrokerNode): void
}

/**
 * The session that ends with this process, so that its neighbour sees its end at once; by it the next broker in the ring of
 * ids is watched in turn. One that breaks is opened again: nothing else hangs on it.
 */
export class SignOfLife {
  readonly #options: SignOfLifeOptions
  #self: number | undefined
  #session: Session | undefined
  #watched: BrokerNode | undefined
  /** Of whom nobody had the lock when it was looked for last. */
  #free: BrokerNode | undefined
  #image: ClusterImage | undefined
  #isStopped = false

  constructor(options: SignOfLifeOptions) {
    this.#options = options
  }

  /** Opens a session for notices; it has no lock yet. Goes on trying where that fails. */
  start(): void {
    this.#keep()
  }

  /** Gives signs of the life of this id from now on. */
  hold(brokerId: number): void {
    this.#self = brokerId
    this.#take()
  }

  /** This life is over: whoever waits for the lock of its id gets it. */
  async letGo(): Promise<void> {
    this.#self = undefined
    await this.#session?.close()
  }

  /** The neighbour may be another one. */
  changed(image: ClusterImage): void {
    this.#image = image
    this.#watch()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#session?.close()
  }

  async #keep(): Promise<void> {
    const { database, clock, heard } = this.#options
    while (!this.#isStopped) {
      try {
        const session = await within(clock, CALL_MS, database.openSession())
        session.onNotice(heard)
        this.#session = session
        this.#take()
        await new Promise<void>((ended) => session.onEnd(ended))
      } catch (error) {
        if (!isPassing(error)) throw error
      }
      this.#session = undefined
      this.#watched = undefined
      await passed(clock, RETRY_MS)
    }
  }

  #take(): void {
    if (this.#self === undefined) return
    this.#session?.hold(this.#self).catch(() => undefined)
    this.#watch()
  }

  #watch(): void {
    const next = this.#neighbour()
    if (!this.#session || isSame(next, this.#watched)) return
    this.#watched = next
    this.#await(this.#session, next)
  }

  async #await(session: Session, broker: BrokerNode | undefined): Promise<void> {
    const seen = await session.watch(broker?.id).catch(() => 'stopped' as const)
    if (session !== this.#session || broker !== this.#watched || broker === undefined || seen === 'stopped') return
    const isNew = seen === 'free' && !isSame(this.#free, broker)
    this.#free = seen === 'free' ? broker : undefined
    if (seen === 'ended') this.#options.ended(broker)
    // Who begins takes its lock as soon as it is registered: without it a moment later, it may have ended before it was watched.
    else if (!isNew) this.#options.missed(broker)
    await passed(this.#options.clock, isNew ? RETRY_MS : this.#options.times.renewMs)
    if (session !== this.#session || broker !== this.#watched) return
    this.#watched = undefined
    this.#watch()
  }

  /** Whoever comes next in the ring of ids. */
  #neighbour(): BrokerNode | undefined {
    const self = this.#self
    if (self === undefined || !this.#image?.brokers.has(self)) return undefined
    const others = [...this.#image.brokers.values()].filter(({ id }) => id !== self)
    return others.find(({ id }) => id > self) ?? others[0]
  }
}

function isSame(one: BrokerNode | undefined, other: BrokerNode | undefined): boolean {
  return one?.id === other?.id && one?.incarnation === other?.incarnation
}
