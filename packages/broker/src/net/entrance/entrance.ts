import type { Clock, Timer } from '@rivven/runtime'
import type { BrokerConfig } from '../../config/broker-config.js'
import type { Deadlines } from '../deadlines.js'
import type { Refusals } from '../refusals.js'
import { AddressLimits } from './address-limits.js'
import { Door } from './door.js'
import { type Dismissal, Visitor, type VisitorParts } from './visitor.js'

/** As many as an operating system lets wait to be accepted. */
const MOST_IN_LINE = 1_024

export interface EntranceParts {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly refusals: Refusals
}

const tooManyOfAddress: Dismissal = {
  reason: 'max_connections_per_ip',
  level: 'warn',
  text: 'a client did not come in: its address has max_connections_per_ip connections',
  perAddress: true,
}
const lineIsFull: Dismissal = {
  reason: 'line_full',
  level: 'warn',
  text: `a client did not come in: ${MOST_IN_LINE} others waited for a connection or a handshake behind it`,
}
const waitedTooLong: Dismissal = {
  reason: 'waited_too_long',
  level: 'warn',
  text: 'a client did not come in: it waited too long for one of max_connections, or of max_connection_creation_rate',
}
const handshakeTooLong: Dismissal = {
  reason: 'handshake_timeout',
  level: 'info',
  text: 'a client did not come in: its handshake was not done in ssl_handshake_timeout_ms',
}
const tooManyStrangers: Dismissal = {
  reason: 'max_unauthenticated_connections',
  level: 'warn',
  text: 'connection closed: it was the oldest of more than max_unauthenticated_connections that had not logged in',
}

/**
 * Who may come in: how many there are at a time, in all, by listener and by address, how many come in a second, and how many
 * are there that nobody knows yet. Who has to wait is accepted and not read, as if the operating system still had it.
 */
export class Entrance {
  readonly #parts: EntranceParts
  readonly #door: Door
  readonly #addresses: AddressLimits
  /** The oldest first. */
  readonly #line = new Set<Visitor>()
  readonly #strangers = new Set<Visitor>()
  readonly #doors = new Set<Door>()
  #timer: Timer | undefined

  /** Throws ConfigError. */
  constructor(parts: EntranceParts) {
    this.#parts = parts
    const { max_connections: most, max_connection_creation_rate: rate } = parts.config
    this.#door = new Door('', most, rate)
    this.#addresses = new AddressLimits(parts.config)
  }

  /** Lets it in, now or later; undefined: it was sent away. `left` must be called when it is gone. */
  arrive(parts: VisitorParts): Visitor | undefined {
    const visitor = new Visitor(parts, (late) => this.#dismiss(late, late.isShaking ? handshakeTooLong : waitedTooLong))
    if (!this.#addresses.enter(visitor.host)) {
      this.#tell(visitor, tooManyOfAddress)
      visitor.destroy()
      return undefined
    }
    this.#doors.add(visitor.door)
    if (visitor.door.waiting === 0 && this.#mayEnter(visitor)) this.#letIn(visitor)
    else this.#wait(visitor)
    return visitor
  }

  /** It has said nothing that tells who it is, and it is its turn to. Of too many the oldest is sent away. */
  addStranger(visitor: Visitor): void {
    if (visitor.stage === 'gone') return
    this.#strangers.add(visitor)
    if (this.#strangers.size <= this.#parts.config.max_unauthenticated_connections) return
    const [oldest] = this.#strangers
    if (oldest) this.#dismiss(oldest, tooManyStrangers)
  }

  /** It is known now, or waits for the broker. */
  removeStranger(visitor: Visitor): void {
    this.#strangers.delete(visitor)
  }

  /** Its handshake has to be done by its deadline. */
  awaitHandshake(visitor: Visitor): void {
    visitor.isShaking = true
    this.#parts.deadlines.by(visitor, visitor.deadline)
  }

  handshakeDone(visitor: Visitor): void {
    visitor.isShaking = false
    this.#parts.deadlines.forget(visitor)
  }

  /** A line has grown, this one or one of those who wait for a handshake. */
  bound(length: number, oldest: Visitor | undefined): void {
    if (oldest && length > MOST_IN_LINE) this.#dismiss(oldest, lineIsFull)
  }

  /** It is gone; that may be told more than once. */
  left(visitor: Visitor): void {
    if (visitor.stage === 'gone') return
    if (visitor.stage === 'entered') {
      visitor.door.leave()
      this.#door.leave()
    }
    visitor.stage = 'gone'
    this.#addresses.leave(visitor.host)
    this.#leaveLine(visitor)
    this.#strangers.delete(visitor)
    if (this.#line.size > 0) this.#moveLine()
  }

  /** Drops those that wait. */
  close(): void {
    this.#timer?.cancel()
    for (const visitor of [...this.#line]) visitor.destroy()
    this.#line.clear()
  }

  #dismiss(visitor: Visitor, why: Dismissal): void {
    if (visitor.stage === 'gone') return
    this.#tell(visitor, why)
    this.left(visitor)
    visitor.destroy()
  }

  #tell({ door, host }: Visitor, { reason, level, text, perAddress }: Dismissal): void {
    const cause = perAddress ? `${text} ${host}` : text
    this.#parts.refusals.add({ reason, level, text, facts: { listener: door.name, peer: host }, cause })
  }

  get clock(): Clock {
    return this.#parts.clock
  }

  get #now(): number {
    return this.#parts.clock.monotonic()
  }

  #mayEnter({ door }: Visitor): boolean {
    return !this.#door.isFull && !door.isFull && this.#waitMs(door) === 0
  }

  #waitMs(door: Door): number {
    return Math.max(this.#door.waitMs(this.#now), door.waitMs(this.#now))
  }

  #letIn(visitor: Visitor): void {
    this.#door.enter(this.#now)
    visitor.door.enter(this.#now)
    visitor.enter()
  }

  #wait(visitor: Visitor): void {
    visitor.stage = 'in line'
    this.#line.add(visitor)
    visitor.door.waiting += 1
    this.#parts.deadlines.by(visitor, visitor.deadline)
    this.#tellWhy(visitor)
    const [oldest] = this.#line
    this.bound(this.#line.size, oldest)
    if (!this.#timer) this.#moveLater()
  }

  #leaveLine(visitor: Visitor): void {
    if (this.#line.delete(visitor)) visitor.door.waiting -= 1
    this.#parts.deadlines.forget(visitor)
  }

  #tellWhy({ door, host }: Visitor): void {
    const isFull = this.#door.isFull || door.isFull
    this.#parts.refusals.tell({
      level: isFull ? 'warn' : 'info',
      text: isFull
        ? 'clients wait to be accepted: there are max_connections connections'
        : 'clients wait to be accepted: more came than max_connection_creation_rate a second',
      facts: { listener: door.name, peer: host },
    })
  }

  /** Lets those in that may come; the oldest first, but nobody waits for another listener. */
  #moveLine(): void {
    for (const visitor of this.#line) {
      if (this.#door.isFull) return
      if (!this.#mayEnter(visitor)) continue
      this.#leaveLine(visitor)
      this.#letIn(visitor)
    }
    this.#moveLater()
  }

  /** When others have not just come: nobody tells. */
  #moveLater(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#door.isFull) return
    const doors = [...this.#doors].filter((door) => door.waiting > 0 && !door.isFull)
    const waitMs = Math.min(...doors.map((door) => this.#waitMs(door)))
    if (doors.length > 0) this.#timer = this.#parts.clock.setTimer(Math.ceil(waitMs), () => this.#moveLine())
  }
}
