import type { Address, Clock, Random } from '@rivven/runtime'
import { addressText } from './address.js'
import type { Connection } from './connection/connection.js'
import { RivvenError } from './errors/errors.js'
import { EarlyEnds } from './opening/early-ends.js'
import { isLastingRefusal } from './opening/lasting-refusals.js'
import type { LiveConnection } from './opening/live-connection.js'
import { backoff } from './retry/retry.js'

export interface LinkPace {
  readonly clock: Clock
  readonly random: Random
  readonly retryBackoffMs: number
  readonly maxRetryBackoffMs: number
  readonly unreachableTimeoutMs: number
}

/** What people have to mend is not tried as often as what passes by itself. */
const refusalPace = { backoffMs: 1_000, maxBackoffMs: 30_000 }

/** The way to one broker on one channel: its connection, who waits for it, and when it may be tried again. */
export class Link {
  readonly address: Address
  readonly ends: EarlyEnds
  opening: Promise<LiveConnection> | null = null
  /** Resolves when the last of those that wait for the connection has had its turn. */
  turn: Promise<void> = Promise.resolve()
  waiting = 0
  readonly #pace: LinkPace
  /** Those that end beside the one that took their place. */
  readonly #left = new WeakSet<Connection>()
  #live: LiveConnection | null = null
  #failures = 0
  #retryAt = 0
  #lastError: RivvenError | null = null

  constructor(address: Address, pace: LinkPace) {
    this.address = address
    this.#pace = pace
    // Soon enough for whoever is told so at the end of unreachableTimeoutMs.
    this.ends = new EarlyEnds(addressText(address), pace.clock, pace.unreachableTimeoutMs / 2)
  }

  /** The connection, while it is open. */
  get live(): LiveConnection | null {
    return this.#live?.connection.isOpen ? this.#live : null
  }

  /** Whether the broker wants to know anew who we are, before anything else. */
  isLoginDue({ loginDueAt }: LiveConnection): boolean {
    return loginDueAt !== Number.POSITIVE_INFINITY && this.#pace.clock.monotonic() >= loginDueAt
  }

  /** Throws why it could not be opened, while it is too soon to try again. */
  mustMayOpen(): void {
    if (this.#lastError && this.#pace.clock.monotonic() < this.#retryAt) throw this.#lastError
  }

  opened(live: LiveConnection): void {
    this.#live = live
    if (this.ends.areNone) this.#failures = 0
  }

  failed(error: unknown): void {
    const { clock, random, retryBackoffMs: backoffMs, maxRetryBackoffMs: maxBackoffMs } = this.#pace
    this.#failures++
    const pace = isLastingRefusal(error) ? refusalPace : { backoffMs, maxBackoffMs }
    this.#retryAt = clock.monotonic() + backoff(this.#failures, { random, ...pace })
    this.#lastError = error instanceof RivvenError ? error : null
  }

  /** Leaves the connection to what waits on it; another takes its place. */
  leave({ connection }: LiveConnection): void {
    this.#live = null
    this.#left.add(connection)
    void connection.idle().then(() => connection.close())
  }

  /** One of its connections is gone. False: another has taken its place. */
  ended(connection: Connection, reason: RivvenError): boolean {
    if (this.#left.has(connection) || (this.#live && this.#live.connection !== connection)) return false
    if (this.#live && isLastingRefusal(reason)) this.failed(reason)
    this.#live = null
    return true
  }
}
