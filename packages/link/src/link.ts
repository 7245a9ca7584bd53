import type { Address } from '@rivven/runtime'
import { addressText } from './address.js'
import type { Connection } from './connection/connection.js'
import { RivvenError } from './errors/errors.js'
import { EarlyEnds } from './opening/early-ends.js'
import { isLastingRefusal } from './opening/lasting-refusals.js'
import type { LiveConnection } from './opening/live-connection.js'
import { type OpeningOptions, openConnection } from './opening/open-connection.js'
import { renewLogin } from './opening/renew-login.js'
import { backoff, tooSoon } from './retry/pauses.js'
import { sleep } from './retry/retry.js'

/** How brokers are reached, all of one client. */
export interface LinkOptions extends OpeningOptions {
  /** First pause before a connection is tried again, in milliseconds; doubled each time. */
  retryBackoffMs: number
  /** Longest such pause. */
  maxRetryBackoffMs: number
  /** For so long callers wait while nobody is reached. */
  unreachableTimeoutMs: number
  /** Whether connections keep the process alive; else whoever uses them does. */
  keepsProcess: boolean
  /** Aborts, with an error of ours as reason, when no link is used any more. */
  closeSignal: AbortSignal
}

/** What the owner of a link knows, and is told. */
export interface LinkOwner {
  /** Whether a peer that ends connections early may mean it: nobody was ever spoken with. */
  mayBeMeant(): boolean
  /** It is there, and not to be used yet. */
  opened(connection: Connection): void
  /** It can be used. */
  reached(connection: Connection): void
  /** It is gone, and why; `isLast`: no other has taken its place. */
  closed(connection: Connection, isLast: boolean, reason: RivvenError): void
}

/** What people have to mend is not tried as often as what passes by itself. */
const refusalPace = { backoffMs: 1_000, maxBackoffMs: 30_000 }

/**
 * The way to one broker: its connection, opened when it is first asked for, who waits for it, and when it may be tried
 * again.
 */
export class Link {
  readonly address: Address
  readonly #options: LinkOptions
  readonly #owner: LinkOwner
  readonly #ends: EarlyEnds
  /** Those that end beside the one that took their place. */
  readonly #left = new WeakSet<Connection>()
  #broker: number
  #opening: Promise<LiveConnection> | null = null
  #openingSince = 0
  /** Lets nobody wait for the one that is being opened. */
  #giveUpOpening: (reason: RivvenError) => void = ignore
  /** Resolves when the last of those that wait for the connection has had its turn. */
  #turn: Promise<void> = Promise.resolve()
  #waiting = 0
  #live: LiveConnection | null = null
  #failures = 0
  #retryAt = 0
  #lastError: RivvenError | null = null

  constructor(broker: number, address: Address, options: LinkOptions, owner: LinkOwner) {
    this.#broker = broker
    this.address = address
    this.#options = options
    this.#owner = owner
    // Soon enough for whoever is told so at the end of unreachableTimeoutMs.
    this.#ends = new EarlyEnds(addressText(address), options.runtime.clock, options.unreachableTimeoutMs / 2)
  }

  /** Id of the broker, below 0 while it is not known. */
  get broker(): number {
    return this.#broker
  }

  /** Its id is known now. */
  named(broker: number): void {
    this.#broker = broker
    if (this.#live) this.#live.broker = broker
  }

  /** The connection, while it is open. */
  get live(): LiveConnection | null {
    return this.#live?.connection.isOpen ? this.#live : null
  }

  /** The connection if it can be used at once, without overtaking anybody who waits for it. */
  get ready(): LiveConnection | undefined {
    const { live } = this
    if (!live || this.#waiting > 0 || this.#isLoginDue(live)) return undefined
    return live.connection.throttleMs === 0 ? live : undefined
  }

  /** Something is asked, or a connection is being opened for that. */
  get isAwaited(): boolean {
    return this.#opening !== null || (this.live?.connection.inFlight ?? 0) > 0
  }

  /** For how long the broker has said nothing that is waited for, in milliseconds. */
  get lateMs(): number {
    const { runtime, requestTimeoutMs } = this.#options
    if (this.#opening) return runtime.clock.monotonic() - this.#openingSince
    return this.live?.connection.lateMs(requestTimeoutMs) ?? 0
  }

  /** The broker is not to be used any more: who waits for it or its answers is told so. */
  abandon(reason: RivvenError): void {
    this.#giveUpOpening(reason)
    this.live?.connection.close()
  }

  /**
   * Calls `use` with a connection when it is there; in the order of the calls, whatever is opened meanwhile. `connect` says
   * which one, when it is this caller's turn.
   */
  async inTurn<T>(
    use: (live: LiveConnection) => Promise<T>,
    connect: () => Promise<LiveConnection> = () => this.connection(),
  ): Promise<T> {
    const before = this.#turn
    let endTurn = ignore
    this.#turn = new Promise((resolve) => {
      endTurn = resolve
    })
    this.#waiting++
    let result: Promise<T>
    try {
      await before
      const live = await connect()
      const { throttleMs } = live.connection
      if (throttleMs > 0) await sleep(this.#options.runtime.clock, throttleMs, this.#options.closeSignal)
      result = use(live)
    } finally {
      this.#waiting--
      endTurn()
    }
    return result
  }

  /** The connection; many callers share one that is being opened. Rejects at once while it is too soon to try again. */
  async connection(): Promise<LiveConnection> {
    if (this.#opening) return this.#opening
    const { live } = this
    if (live && !this.#isLoginDue(live)) return live
    if (!live) this.#mustMayOpen()
    this.#openingSince = this.#options.runtime.clock.monotonic()
    this.#opening = live ? this.#renew(live) : this.#open()
    try {
      return await this.#opening
    } finally {
      this.#opening = null
      this.#giveUpOpening = ignore
    }
  }

  async #open(): Promise<LiveConnection> {
    try {
      const opening = openConnection(this.#options, {
        broker: this.#broker,
        address: this.address,
        ends: this.#ends,
        mayBeMeant: () => this.#owner.mayBeMeant(),
        onOpened: (connection) => this.#opened(connection),
        onClosed: (connection, reason) => this.#ended(connection, reason),
      })
      const live = await this.#unlessGivenUp(opening)
      this.#live = live
      if (this.#ends.areNone) this.#failures = 0
      this.#owner.reached(live.connection)
      return live
    } catch (error) {
      this.#failed(error)
      throw error
    }
  }

  /** A connection that comes after that is closed. */
  #unlessGivenUp(opening: Promise<LiveConnection>): Promise<LiveConnection> {
    return new Promise((resolve, reject) => {
      opening.then(resolve, reject)
      this.#giveUpOpening = (reason) => {
        opening.then(({ connection }) => connection.close(), ignore)
        reject(reason)
      }
    })
  }

  #opened(connection: Connection): void {
    const { keepsProcess, closeSignal } = this.#options
    connection.keepProcess(keepsProcess)
    this.#owner.opened(connection)
    if (closeSignal.aborted) connection.close(closeSignal.reason as RivvenError)
  }

  #ended(connection: Connection, reason: RivvenError): void {
    if (connection.answers > 1) this.#ends.passed()
    const isReplaced = this.#left.has(connection) || (this.#live !== null && this.#live.connection !== connection)
    if (!isReplaced) {
      if (this.#live && isLastingRefusal(reason)) this.#failed(reason)
      this.#live = null
    }
    this.#owner.closed(connection, !isReplaced, reason)
  }

  /** Logs in again where nothing is under way; what takes long ends on its old connection, beside a new one. */
  async #renew(live: LiveConnection): Promise<LiveConnection> {
    if (await renewLogin(live, this.#options)) return live
    if (live.connection.isOpen) this.#leave(live)
    return this.#open()
  }

  /** Leaves the connection to what waits on it; another takes its place. */
  #leave({ connection }: LiveConnection): void {
    this.#live = null
    this.#left.add(connection)
    void connection.idle().then(() => connection.close())
  }

  /** Whether the broker wants to know anew who we are, before anything else. */
  #isLoginDue({ loginDueAt }: LiveConnection): boolean {
    return loginDueAt !== Number.POSITIVE_INFINITY && this.#options.runtime.clock.monotonic() >= loginDueAt
  }

  /** Throws why it could not be opened, while it is too soon to try again. */
  #mustMayOpen(): void {
    if (this.#lastError && this.#options.runtime.clock.monotonic() < this.#retryAt)
      throw tooSoon(this.#lastError, this.#retryAt)
  }

  #failed(error: unknown): void {
    const { runtime, retryBackoffMs: backoffMs, maxRetryBackoffMs: maxBackoffMs } = this.#options
    const { clock, random } = runtime
    this.#failures++
    const pace = isLastingRefusal(error) ? refusalPace : { backoffMs, maxBackoffMs }
    this.#retryAt = clock.monotonic() + backoff(this.#failures, { random, ...pace })
    this.#lastError = error instanceof RivvenError ? error : null
  }
}

function ignore(): void {
  // There is nothing to end, or it has ended.
}
