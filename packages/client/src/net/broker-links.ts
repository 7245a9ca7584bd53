import type { Connection, LiveConnection } from '@rivven/link'
import {
  addressText,
  asRivvenError,
  Link,
  manyListenersAborter,
  type OpeningOptions,
  openConnection,
  RivvenError,
  renewLogin,
  sameAddress,
  sleep,
} from '@rivven/link'
import type { Address } from '@rivven/runtime'
import { firstToSucceed } from './first-to-succeed.js'
import type { Reach } from './reach.js'
import { loginRefusedIn, noAnswer, nobodyReachable, refusalAmong } from './unreachable.js'

/** Each channel of a broker is a connection of its own: a fetch that waits must hold up nothing else. */
export type Channel = 'main' | 'fetch' | 'coordinator'

export interface LinkOptions extends OpeningOptions {
  reach: Reach
  /** Whether connections keep the process alive; else whoever uses them does. */
  keepsProcess: boolean
  unreachableTimeoutMs: number
  retryBackoffMs: number
  maxRetryBackoffMs: number
  bootstrap: readonly Address[]
  onClosed: (broker: number, channel: Channel) => void
}

/**
 * The connections to all brokers, opened when first asked for. Bootstrap addresses are brokers -1, -2, … until their
 * true ids are known; they are asked again whenever no known broker can be reached.
 */
export class BrokerLinks {
  readonly #options: LinkOptions
  readonly #links = new Map<string, Link>()
  /** All that are open: also those that no link has yet, or any more. */
  readonly #connections = new Set<Connection>()
  readonly #addresses = new Map<number, Address>()
  readonly #bootstrapIds: readonly number[]
  readonly #closing = manyListenersAborter()
  /** Some broker has answered more than which versions it speaks. */
  #hasSpoken = false
  #closed = false

  constructor(options: LinkOptions) {
    this.#options = options
    this.#bootstrapIds = options.bootstrap.map((_, index) => -1 - index)
    for (const [index, address] of options.bootstrap.entries()) this.#addresses.set(-1 - index, address)
  }

  /** The broker's connection if it can be used at once, without overtaking anybody who waits for it. */
  ready(broker: number, channel: Channel): LiveConnection | undefined {
    const link = this.#links.get(`${broker}/${channel}`)
    const live = link?.live
    if (!live || link.waiting > 0 || link.isLoginDue(live)) return undefined
    const address = this.#addresses.get(broker)
    const isUsable = address !== undefined && sameAddress(address, link.address) && live.connection.throttleMs === 0
    return isUsable ? live : undefined
  }

  /** Calls `use` with the connection when it is there; in the order of the calls, whatever is opened meanwhile. */
  async inTurn<T>(broker: number, channel: Channel, use: (live: LiveConnection) => Promise<T>): Promise<T> {
    const link = this.#link(broker, channel)
    const before = link.turn
    let endTurn = ignore
    link.turn = new Promise((resolve) => {
      endTurn = resolve
    })
    link.waiting++
    let result: Promise<T>
    try {
      await before
      const live = await this.connection(broker, channel)
      const { throttleMs } = live.connection
      if (throttleMs > 0) await this.#pause(throttleMs)
      result = use(live)
    } finally {
      link.waiting--
      endTurn()
    }
    return result
  }

  /** The broker's connection; many callers share one that is being opened. */
  async connection(broker: number, channel: Channel): Promise<LiveConnection> {
    const link = this.#link(broker, channel)
    if (link.opening) return link.opening
    const { live } = link
    if (live && !link.isLoginDue(live)) return live
    if (!live) link.mustMayOpen()
    link.opening = live ? this.#renew(broker, channel, link, live) : this.#open(broker, channel, link)
    try {
      return await link.opening
    } finally {
      link.opening = null
    }
  }

  /**
   * A connection to any broker: idle ones first, known ones next, bootstrap addresses last. All of them share
   * `unreachableTimeoutMs`, so that one that does not answer keeps nobody from the next.
   */
  async any(channel: Channel): Promise<LiveConnection> {
    const candidates = this.#candidates(channel)
    const shareMs = this.#options.unreachableTimeoutMs / candidates.length
    const failures = new Map<string, RivvenError>()
    const attempts = candidates.map((broker) => () => this.#attempt(failures, broker, channel, shareMs))
    const live = await firstToSucceed(attempts, shareMs, this.#options.runtime.clock)
    if (this.#closed) throw clientClosed()
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
    this.#closed = true
    this.#closing.abort()
    for (const connection of this.#connections) connection.close(clientClosed())
  }

  async #pause(ms: number): Promise<void> {
    await sleep(this.#options.runtime.clock, ms, this.#closing.signal).catch(ignore)
    if (this.#closed) throw clientClosed()
  }

  #link(broker: number, channel: Channel): Link {
    if (this.#closed) throw clientClosed()
    const address = this.#addresses.get(broker)
    if (!address) throw unknownBroker(broker)
    const key = `${broker}/${channel}`
    const known = this.#links.get(key)
    if (known && sameAddress(known.address, address)) return known
    known?.live?.connection.close()
    const { runtime, retryBackoffMs, maxRetryBackoffMs, unreachableTimeoutMs } = this.#options
    const { clock, random } = runtime
    const pace = { clock, random, retryBackoffMs, maxRetryBackoffMs, unreachableTimeoutMs }
    const link = new Link(address, pace)
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

  async #open(broker: number, channel: Channel, link: Link): Promise<LiveConnection> {
    const { address, ends } = link
    try {
      const live = await openConnection(this.#options, {
        broker,
        address,
        ends,
        mayBeMeant: () => !this.#hasSpoken,
        onOpened: (connection) => this.#opened(connection),
        onClosed: (connection, reason) => this.#ended(broker, channel, link, connection, reason),
      })
      link.opened(live)
      this.#options.reach.reached(addressText(address))
      return live
    } catch (error) {
      link.failed(error)
      throw error
    }
  }

  #opened(connection: Connection): void {
    this.#connections.add(connection)
    connection.keepProcess(this.#options.keepsProcess)
    if (this.#closed) connection.close(clientClosed())
  }

  #ended(broker: number, channel: Channel, link: Link, connection: Connection, reason: RivvenError): void {
    this.#connections.delete(connection)
    if (connection.answers > 1) {
      this.#hasSpoken = true
      link.ends.passed()
    }
    if (link.ended(connection, reason) && !this.#closed) this.#options.onClosed(broker, channel)
  }

  /** Logs in again where nothing is under way; what takes long ends on its old connection, beside a new one. */
  async #renew(broker: number, channel: Channel, link: Link, live: LiveConnection): Promise<LiveConnection> {
    if (await renewLogin(live, this.#options)) return live
    if (live.connection.isOpen) link.leave(live)
    return this.#open(broker, channel, link)
  }

  #candidates(channel: Channel): number[] {
    const known = [...this.#addresses.keys()].filter((id) => id >= 0)
    const load = (id: number) => {
      const live = this.#links.get(`${id}/${channel}`)?.live
      return live ? live.connection.inFlight : 1_000_000
    }
    const ranked = (ids: readonly number[]) =>
      ids
        .map((id) => ({ id, load: load(id), chance: this.#options.runtime.random.next() }))
        .sort((a, b) => a.load - b.load || a.chance - b.chance)
        .map(({ id }) => id)
    return [...ranked(known), ...ranked(this.#bootstrapIds)]
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
        link.live.broker = owner[0]
        this.#links.set(`${owner[0]}/main`, link)
      } else {
        link.live.connection.close()
      }
    }
  }

  #forget(broker: number): void {
    this.#addresses.delete(broker)
    for (const channel of ['main', 'fetch', 'coordinator'] as const) {
      this.#links.get(`${broker}/${channel}`)?.live?.connection.close()
      this.#links.delete(`${broker}/${channel}`)
    }
  }
}

function ignore(): void {
  // Replaced as soon as there is something to end; or the pause was cut short by the end.
}

export function clientClosed(): RivvenError {
  return new RivvenError('CLIENT_CLOSED', 'The client was closed.', { hint: 'Make a new one to go on.' })
}

function unknownBroker(broker: number): RivvenError {
  return new RivvenError('BROKER_NOT_AVAILABLE', `Broker ${broker} is not part of the cluster as it is known here.`, {
    retriable: true,
    facts: { broker },
  })
}
