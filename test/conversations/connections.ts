import { setTimeout as pause } from 'node:timers/promises'
import { passwordOf } from '../support/passwords.js'
import { type Credentials, logIn } from './login.js'
import { type Talk, TalkConnection } from './talk-connection.js'

export interface Address {
  host: string
  port: number
}

export interface Broker extends Address {
  /** Its listener without SASL, where the other one wants it; absent: conversations about security cannot be played. */
  plain?: Address
  /** Ends the broker in this way and starts it again; absent: conversations with restarts cannot be played. */
  restart?(how: 'kill' | 'stop'): Promise<void>
  /** Opens what a conversation takes for one connection; absent: one to its address. */
  connect?(): Talk
}

/** Whoever is there in every conversation. */
export const residents: readonly [string, Credentials][] = [
  ['admin', { mechanism: 'PLAIN', username: 'admin', password: passwordOf('admin') }],
  ['bob', { mechanism: 'PLAIN', username: 'bob', password: passwordOf('bob') }],
]

/** A credential may need a moment until it counts. */
const loginDeadlineMs = 30_000

/** The connections of a conversation, by name; each is opened when it is first asked for. */
export class Connections {
  readonly #open = new Map<string, Talk>()
  readonly #credentials = new Map(residents)

  constructor(private readonly broker: Broker) {}

  /** From now on `as: name` logs in so. */
  know(name: string, credentials: Credentials): void {
    this.#credentials.set(name, credentials)
  }

  /** As it is, or a new one to where SASL is spoken, if it is, on which nobody logs in. */
  named(name: string): Talk {
    return this.#open.get(name) ?? this.#keep(name, this.#connect())
  }

  /** One that speaks for somebody; another one where its session ends. */
  async of(who: string, name = who): Promise<Talk> {
    const open = this.#open.get(name)
    if (open && performance.now() < open.sessionEndsAt) return open
    open?.close()
    return this.#keep(name, who === 'anonymous' ? this.#anonymous() : await this.#loggedIn(who))
  }

  close(name: string): void {
    this.#open.get(name)?.close()
    this.#open.delete(name)
  }

  closeAll(): void {
    for (const name of [...this.#open.keys()]) this.close(name)
  }

  #connect(): Talk {
    return this.broker.connect?.() ?? new TalkConnection(this.broker.host, this.broker.port)
  }

  #keep(name: string, connection: Talk): Talk {
    this.#open.set(name, connection)
    return connection
  }

  #anonymous(): TalkConnection {
    const { plain } = this.broker
    if (!plain) throw new Error('there is no listener without SASL')
    return new TalkConnection(plain.host, plain.port)
  }

  async #loggedIn(who: string): Promise<TalkConnection> {
    const credentials = this.#credentials.get(who)
    if (!credentials) throw new Error(`nobody is called ${who}`)
    const deadline = performance.now() + loginDeadlineMs
    for (;;) {
      const connection = new TalkConnection(this.broker.host, this.broker.port)
      const outcome = await logIn(connection, credentials)
      if (outcome.errorCode === 0) {
        if (outcome.sessionLifetimeMs) connection.sessionEndsAt = performance.now() + outcome.sessionLifetimeMs * 0.8
        return connection
      }
      connection.close()
      if (performance.now() > deadline) throw new Error(`${who} cannot log in: ${JSON.stringify(outcome)}`)
      await pause(50)
    }
  }
}
