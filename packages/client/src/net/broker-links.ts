import {
  addressText,
  asRivvenError,
  type Connection,
  Link,
  type LinkOptions,
  type LiveConnection,
  manyListenersAborter,
  RivvenError,
  sameAddress,
} from '@rivven/link'
import type { Address } from '@rivven/runtime'
import { ConnectionWatch } from './connection-watch.js'
import { firstToSucceed } from './first-to-succeed.js'
import type { Reach } from './reach.js'
import { loginRefusedIn, noAnswer, nobodyReachable, refusalAmong } from './unreachable.js'

/** Each channel of a broker is a connection of its own: a fetch that waits must hold up nothing else. */
export type Channel = 'main' | 'fetch' | 'coordinator'

export interface BrokerLinksOptions extends Omit<LinkOptions, 'closeSignal'> {
  reach: Reach
  bootstrap: readonly Address[]
  onClosed: (broker: number, channel: Channel) => void
}

/**
 * The connections to all brokers, opened when first asked for. Bootstrap addresses are brokers -1, -2, … until their
 * true ids are known; they are asked again whenever no known broker can be reached.
 */
export class BrokerLinks {
  /** Of those that can be used. */
  readonly watch: ConnectionWatch
  readonly #options: BrokerLinksOptions
  readonly #links = new Map<string, Link>()
  /** All that are open: also those that no link has yet, or any more. */
  readonly #connections = new Set<Connection>()
  readonly #addresses = new Map<number, Address>()
  readonly #bootstrapIds: readonly number[]
  readonly #closing = manyListenersAborter()
  readonly #linkOptions: LinkOptions
  /** Some broker has answered more than which versions it speaks. */
  #hasSpoken = false

  constructor(options: BrokerLinksOptions) {
    this.#options = options
    this.watch = new ConnectionWatch(options.clientId)
    this.#linkOptions = { ...options, closeSignal: this.#closing.signal }
    this.#bootstrapIds = options.bootstrap.map((_, index) => -1 - index)
    for (const [index, address] of options.bootstrap.entries()) this.#addresses.set(-1 - index, address)
  }

  /** The broker's connection if it can be used at once, without overtaking anybody who waits for it. */
  ready(broker: number, channel: Channel): LiveConnection | undefined {
    const link = this.#links.get(`${broker}/${channel}`)
    const address = this.#addresses.get(broker)
    return link && address && sameAddress(address, link.address) ? link.ready : undefined
  }

  /** Calls `use` with the connection when it is there; in the order of the calls, whatever is opened meanwhile. */
  async inTurn<T>(broker: number, channel: Channel, use: (live: LiveConnection) => Promise<T>): Promise<T> {
    return this.#link(broker, channel).inTurn(use, () => this.connection(broker, channel))
  }

  /** The broker's connection; many callers share one that is being opened. */
  async connection(broker: number, channel: Channel): Promise<LiveConnection> {
    return this.#link(broker, channel).connection()
  }

  /**
   * A connection to any broker: idle ones first, known ones next, then bootstrap addresses, and last those whose answers are
   * late; `but` only where there is no other. All of them share `unreachableTimeoutMs`, so that one that does not answer keeps
   * nobody from the next.
   */
  async any(channel: Channel, but?: number): Promise<LiveConnection> {
    const candidates = this.#candidates(channel, but)
    const shareMs = this.#options.unreachableTimeoutMs / candidates.length
    const failures = new Map<string, RivvenError>()
    const attempts = candidates.map((broker) => () => this.#attempt(failures, broker, channel, shareMs))
    const live = await firstToSucceed(attempts, shareMs, this.#options.runtime.clock)
    if (this.#closing.signal.aborted) throw clientClosed()
    if (live) return live
    const refusal = refusalAmong(failures.values())
    if (refusal) throw refusal
    const { reach } = this.#options
    const error = nobodyReachable(failures, reach.wasReached)
    reach.nobody(error)
    throw error
  }

  /** Takes the addresses of a Metadata answer: brokers that left are forgotten. */
  replaceBrokers(brokers: Iterable<{ id: number; host: string; port: number }>): void {
    const addresses = new Map([...brokers].map(({ id, host, port }) => [id, { host, port }]))
    if (addresses.size === 0) return
    for (const id of this.#addresses.keys()) if (id >= 0 && !addresses.has(id)) this.#forget(id)
    for (const [id, address] of addresses) this.learn(id, address)
    this.#settleBootstrap()
  }

  /** Takes one address, from FindCoordinator or a leader hint. */
  learn(broker: number, address: Address): void {
    this.#addresses.set(broker, address)
  }

  /** How many brokers may be asked. */
  get count(): number {
    return this.#addresses.size
  }

  /** Something is asked of some broker. */
  get areAwaited(): boolean {
    return [...this.#links.values()].some((link) => link.isAwaited)
  }

  /** For how long a broker has said nothing that is waited for, the longest of all, in milliseconds. */
  get lateMs(): number {
    return Math.max(0, ...[...this.#links.values()].map((link) => link.lateMs))
  }

  addressOf(broker: number): Address | undefined {
    return this.#addresses.get(broker)
  }

  knows(broker: number): boolean {
    return this.#addresses.has(broker)
  }

  /** Starts over from the bootstrap addresses, as a broker may ask for (REBOOTSTRAP_REQUIRED). */
  rebootstrap(): void {
    for (const id of [...this.#addresses.keys()]) if (id >= 0) this.#forget(id)
  }

  close(): void {
    this.#closing.abort(clientClosed())
    for (const connection of this.#connections) connection.close(clientClosed())
  }

  #link(broker: number, channel: Channel): Link {
    if (this.#closing.signal.aborted) throw clientClosed()
    const address = this.#addresses.get(broker)
    if (!address) throw unknownBroker(broker)
    const key = `${broker}/${channel}`
    const known = this.#links.get(key)
    if (known && sameAddress(known.address, address)) return known
    known?.abandon(brokerLeft(broker))
    const link = new Link(broker, address, this.#linkOptions, {
      mayBeMeant: () => !this.#hasSpoken,
      opened: (connection) => this.#connections.add(connection),
      reached: (connection) => {
        this.#options.reach.reached(addressText(address))
        this.watch.reached(connection, link.broker, channel)
      },
      closed: (connection, isLast, reason) => {
        this.watch.ended(connection, link.broker, channel, reason)
        this.#ended(link.broker, channel, connection, isLast)
      },
    })
    this.#links.set(key, link)
    return link
  }

  /** The broker's connection; in `failures` stands why there is none, as long as there is none. */
  async #attempt(
    failures: Map<string, RivvenError>,
    broker: number,
    channel: Channel,
    ms: number,
  ): Promise<LiveConnection> {
    const refusal = loginRefusedIn(failures.values())
    if (refusal) throw refusal
    const where = addressText(this.#addresses.get(broker)!)
    failures.set(where, noAnswer(where, ms))
    try {
      return await this.connection(broker, channel)
    } catch (error) {
      failures.set(where, asRivvenError(error, `Connecting to ${where}`))
      throw error
    }
  }

  #ended(broker: number, channel: Channel, connection: Connection, isLast: boolean): void {
    this.#connections.delete(connection)
    if (connection.answers > 1) this.#hasSpoken = true
    if (isLast && !this.#closing.signal.aborted) this.#options.onClosed(broker, channel)
  }

  #candidates(channel: Channel, but?: number): number[] {
    const known = [...this.#addresses.keys()].filter((id) => id >= 0)
    const isPassedOver = (id: number) =>
      id === but || (this.#links.get(`${id}/${channel}`)?.lateMs ?? 0) > this.#options.maxRetryBackoffMs
    const load = (id: number) => {
      const live = this.#links.get(`${id}/${channel}`)?.live
      return live ? live.connection.inFlight : 1_000_000
    }
    const ranked = (ids: readonly number[]) =>
      ids
        .map((id) => ({ id, load: load(id), chance: this.#options.runtime.random.next() }))
        .sort((a, b) => a.load - b.load || a.chance - b.chance)
        .map(({ id }) => id)
    const inOrder = [...ranked(known), ...ranked(this.#bootstrapIds)]
    return [...inOrder.filter((id) => !isPassedOver(id)), ...inOrder.filter(isPassedOver)]
  }

  /** A bootstrap connection becomes that of the broker with the same address; others are closed when idle. */
  #settleBootstrap(): void {
    for (const id of this.#bootstrapIds) {
      const key = `${id}/main`
      const link = this.#links.get(key)
      if (!link?.live || link.live.connection.inFlight > 0) continue
      const owner = [...this.#addresses].find(([other, address]) => other >= 0 && sameAddress(address, link.address))
      this.#links.delete(key)
      if (owner && !this.#links.has(`${owner[0]}/main`)) {
        link.named(owner[0])
        this.#links.set(`${owner[0]}/main`, link)
      } else {
        link.live.connection.close()
      }
    }
  }

  #forget(broker: number): void {
    this.#addresses.delete(broker)
    for (const channel of ['main', 'fetch', 'coordinator'] as const) {
      this.#links.get(`${broker}/${channel}`)?.abandon(brokerLeft(broker))
      this.#links.delete(`${broker}/${channel}`)
    }
  }
}

export function clientClosed(): RivvenError {
  return new RivvenError('CLIENT_CLOSED', 'The client was closed.', { hint: 'Make a new one to go on.' })
}

function brokerLeft(broker: number): RivvenError {
  return new RivvenError('BROKER_NOT_AVAILABLE', `Broker ${broker} has left the cluster, or has another address now.`, {
    retriable: true,
    facts: { broker },
  })
}

function unknownBroker(broker: number): RivvenError {
  return new RivvenError('BROKER_NOT_AVAILABLE', `Broker ${broker} is not part of the cluster as it is known here.`, {
    retriable: true,
    facts: { broker },
  })
}
