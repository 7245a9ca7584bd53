import type { PasswordLogin, RivvenError } from '@rivven/client'
import type { History } from '../history/history.js'
import { bootstrapServersOf, loginServers } from '../plan/brokers.js'
import type { Plan } from '../plan/plan.js'
import { usersOf } from '../plan/rights.js'

/** What a client is made with to reach the broker. */
export interface Way {
  readonly bootstrapServers: string
  readonly sasl?: PasswordLogin
}

/** How actors reach the broker: users by a listener that asks who they are, with the password that they know of. */
export class Doors {
  readonly #history: History
  readonly #security: Plan['security']
  /** Of the listeners that ask nobody who it is. */
  readonly bootstrapServers: string
  /** Of each user: how often the password has changed. */
  readonly #passwords: Map<string, number>

  constructor(plan: Plan, history: History) {
    this.#history = history
    this.bootstrapServers = bootstrapServersOf(plan)
    this.#security = plan.security
    this.#passwords = new Map(usersOf(plan).map((user) => [user, 0]))
  }

  /** Of an actor whose process begins. */
  wayOf(actor: string): Way {
    const number = this.#passwords.get(actor)
    if (number === undefined || this.#security === undefined) return { bootstrapServers: this.bootstrapServers }
    this.#history.add({ kind: 'comes', user: actor, password: number })
    const { mechanism } = this.#security
    const sasl = { mechanism, username: actor, password: passwordText(actor, number) }
    return { bootstrapServers: loginServers, sasl }
  }

  /** Whether the actor logs in, and may do only what it has a right to. */
  asksWho(actor: string): boolean {
    return this.#passwords.has(actor)
  }

  /** Whether an actor is told that it comes in no more: its process must begin anew, with what it knows by then. */
  isShutOut(actor: string, { code }: RivvenError): boolean {
    if (code !== 'AUTHENTICATION_FAILED' && code !== 'UNSUPPORTED_MECHANISM') return false
    this.#history.add({ kind: 'shut out', user: actor, code })
    return true
  }

  passwordOf(user: string): number {
    return this.#passwords.get(user) ?? 0
  }

  /** The user is told of a new password, and brings it along from the next process on. */
  tellPassword(user: string, number: number): void {
    this.#passwords.set(user, number)
  }
}

export function passwordText(user: string, number: number): string {
  return `${user} ${number}`
}
