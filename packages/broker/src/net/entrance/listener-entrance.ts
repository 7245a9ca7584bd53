import type { Arrival, ByteStream } from '@rivven/runtime'
import type { ListenerConfig } from '../../config/listeners/listener.js'
import { Door } from './door.js'
import type { Entrance } from './entrance.js'
import { HandshakeLine } from './handshake-line.js'
import type { Visitor, VisitorParts } from './visitor.js'

export interface ListenerEntranceParts {
  readonly config: ListenerConfig
  readonly entrance: Entrance
  /** Begins to read a connection: there is a place for it, and its handshake is done. */
  open(stream: ByteStream, visitor: Visitor): void
}

interface Shaking {
  readonly arrival: Arrival
  readonly visitor: Visitor
}

/** The way of what comes to one listener: through the doors, then through a handshake in its turn, where there is one. */
export class ListenerEntrance {
  readonly #parts: ListenerEntranceParts
  readonly #door: Door
  readonly #handshakes: HandshakeLine<Shaking>
  readonly #shaking = new Map<Arrival, Shaking>()

  constructor(parts: ListenerEntranceParts) {
    this.#parts = parts
    const { name, values } = parts.config
    this.#door = new Door(name, values.max_connections, values.max_connection_creation_rate)
    this.#handshakes = new HandshakeLine(parts.entrance.clock, values.ssl_handshakes_per_second, (next) =>
      this.#shake(next),
    )
  }

  /** What has come and needs no handshake. */
  accept(stream: ByteStream): void {
    this.#arrive(stream.remote.host, this.#parts.config.values.authentication_timeout_ms, {
      enter: (visitor) => this.#parts.open(stream, visitor),
      destroy: () => stream.destroy(),
    })
  }

  /** What has come and needs one. */
  arrived(arrival: Arrival): void {
    const visitor = this.#arrive(arrival.remote.host, this.#parts.config.values.ssl_handshake_timeout_ms, {
      enter: (entered) => this.#awaitHello({ arrival, visitor: entered }),
      destroy: () => {
        this.#forget(arrival)
        arrival.destroy()
      },
    })
    if (visitor) arrival.onGone(() => this.#gone(arrival, visitor))
  }

  /** The handshake of what had come is done. */
  shaken(stream: ByteStream, arrival: Arrival): void {
    const shaking = this.#shaking.get(arrival)
    if (!shaking) {
      stream.destroy()
      return
    }
    this.#shaking.delete(arrival)
    this.#parts.entrance.handshakeDone(shaking.visitor)
    this.#parts.entrance.removeStranger(shaking.visitor)
    this.#parts.open(stream, shaking.visitor)
  }

  #arrive(host: string, withinMs: number, ways: Pick<VisitorParts, 'enter' | 'destroy'>): Visitor | undefined {
    const { entrance } = this.#parts
    const deadline = entrance.clock.monotonic() + withinMs
    return entrance.arrive({ host, door: this.#door, deadline, ...ways })
  }

  /** Who says nothing takes nobody's turn. */
  #awaitHello(shaking: Shaking): void {
    const { entrance } = this.#parts
    const { arrival, visitor } = shaking
    this.#shaking.set(arrival, shaking)
    entrance.awaitHandshake(visitor)
    entrance.addStranger(visitor)
    arrival.awaitHello(() => {
      // Now it waits for us.
      entrance.removeStranger(visitor)
      this.#handshakes.add(shaking)
      entrance.bound(this.#handshakes.length, this.#handshakes.oldest?.visitor)
    })
  }

  #shake({ arrival, visitor }: Shaking): void {
    this.#parts.entrance.addStranger(visitor)
    arrival.shake()
  }

  #gone(arrival: Arrival, visitor: Visitor): void {
    this.#forget(arrival)
    this.#parts.entrance.left(visitor)
  }

  #forget(arrival: Arrival): void {
    const shaking = this.#shaking.get(arrival)
    if (shaking) this.#handshakes.leave(shaking)
    this.#shaking.delete(arrival)
  }
}
