import type { Connection } from './connection.js'
import type { Waiting } from './deadlines.js'
import type { Ending } from './ending.js'

/** How long a connection is waited for. */
export interface Patience {
  /** Undefined: for ever. */
  readonly idleMs: number | undefined
  /** A frame that has begun must grow. */
  readonly frameMs: number
  /** Until when somebody must have logged in (monotonic). */
  readonly loginBy: number
}

/** A peer that is full of answers must read some. */
const UNREAD_MS = 60_000
/** How often one is looked at that does not. */
const UNREAD_LOOK_MS = 5_000
/** How often a connection is looked at whatever it does: it says nothing when it begins to wait. */
const LOOK_MS = 60_000
/** How often idleness is looked for, as a part of the time that is allowed. */
const LOOKS_PER_IDLE_TIME = 8

type Due = readonly [at: number, ending: Ending]

/** One connection: ends it when it is idle, does not log in, or stands still in the middle of a request or of its answers. */
export class ConnectionWatch implements Waiting {
  readonly #connection: Connection
  readonly #patience: Patience
  #requests = 0
  #idleSince: number
  #taken = 0
  #unreadSince: number | undefined

  constructor(connection: Connection, patience: Patience, now: number) {
    this.#connection = connection
    this.#patience = patience
    this.#idleSince = now
  }

  /** When to look for the first time. */
  get firstLookAt(): number {
    return Math.min(this.#connection.gate.isOpen ? Number.POSITIVE_INFINITY : this.#patience.loginBy, this.#soon)
  }

  look(now: number): number | undefined {
    const connection = this.#connection
    if (connection.closed) return undefined
    if (connection.endsBy === undefined) {
      const dues = [this.#login(), this.#frame(), this.#unread(now), this.#idle(now)]
      const late = dues.find(([at]) => at <= now)
      if (!late) return Math.min(now + this.#everyMs, ...dues.map(([at]) => at))
      connection.end(late[1])
    } else if (connection.endsBy <= now) {
      connection.destroy()
    }
    return connection.closed ? undefined : connection.endsBy
  }

  get #everyMs(): number {
    if (this.#unreadSince !== undefined) return UNREAD_LOOK_MS
    const { idleMs, frameMs } = this.#patience
    return Math.min(LOOK_MS, frameMs, idleMs === undefined ? LOOK_MS : idleMs / LOOKS_PER_IDLE_TIME)
  }

  get #soon(): number {
    return this.#idleSince + this.#everyMs
  }

  /** Whatever it does meanwhile: a byte now and then is no login. */
  #login(): Due {
    const at = this.#connection.gate.isOpen ? Number.POSITIVE_INFINITY : this.#patience.loginBy
    return [at, { level: 'info', reason: 'it did not log in in time', refusal: 'login_timeout' }]
  }

  #frame(): Due {
    const { frameMs } = this.#patience
    const at = this.#connection.frameStandsSince + frameMs
    const reason = `a request was begun, and no byte of it came for ${frameMs} ms`
    return [at, { level: 'info', reason, refusal: 'frame_timeout' }]
  }

  #unread(now: number): Due {
    const { hasRoomForAnswers, takenBytes } = this.#connection
    if (hasRoomForAnswers) this.#unreadSince = undefined
    else if (this.#unreadSince === undefined || takenBytes !== this.#taken) this.#unreadSince = now
    this.#taken = takenBytes
    const at = (this.#unreadSince ?? Number.POSITIVE_INFINITY) + UNREAD_MS
    return [at, { level: 'info', reason: `it read none of its answers for ${UNREAD_MS} ms`, refusal: 'unread_answers' }]
  }

  #idle(now: number): Due {
    const { requests, isBusy, isMuted } = this.#connection
    if (isBusy || isMuted || requests !== this.#requests) this.#idleSince = now
    this.#requests = requests
    const { idleMs = Number.POSITIVE_INFINITY } = this.#patience
    return [this.#idleSince + idleMs, { level: 'info', reason: `no request for ${idleMs} ms` }]
  }
}
