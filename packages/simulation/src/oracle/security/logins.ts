import type { Exchange, Seen, Timed } from '../../history/history.js'
import type { Plan } from '../../plan/plan.js'
import { usersOf } from '../../plan/rights.js'
import { Calm } from '../calm.js'
import type { Check, Report } from '../check.js'
import { KnownPasswords } from './known-passwords.js'

const NONE = 0
const ILLEGAL_SASL_STATE = 34

/** A connection of a user. */
interface Login {
  /** The handshake of the login under way. */
  handshake: Exchange | undefined
  /** When its session is over, as both sides can see it. */
  endsAt: number
}

/**
 * Sessions that end (KIP-368): nothing is served behind the end, nor between handshake and token; a client logs in again
 * in time, asks nothing in between, and drops nothing that waits on a connection because its session ends. Who knows the
 * password comes in, and nobody does with one that is over.
 */
export class Logins implements Check {
  readonly #report: Report
  readonly #users: ReadonlySet<string>
  /** Who must not be served, and asks. */
  readonly #rude: ReadonlySet<string>
  readonly #passwords = new KnownPasswords()
  readonly #calm = new Calm()
  /** By connection. */
  readonly #logins = new Map<number, Login>()
  readonly #late = new WeakSet<Exchange>()
  readonly #early = new WeakSet<Exchange>()
  /** By user: its last JoinGroup, which may wait for longer than a session lasts. */
  readonly #joins = new Map<string, Exchange>()

  constructor(report: Report, plan: Plan) {
    this.#report = report
    this.#users = new Set(usersOf(plan))
    this.#rude = new Set(plan.actors.flatMap(({ kind, name }) => (kind === 'overstayer' ? [name] : [])))
  }

  see(event: Timed<Seen>): void {
    this.#calm.isDisturbedBy(event)
    this.#passwords.see(event)
    if (event.kind === 'shut out' && !this.#passwords.isShutOutRightly(event.user))
      this.#report('login', `${event.user} is told ${event.code}, and its password is right`)
    if (event.kind === 'gone') this.#joins.delete(event.host)
    if (event.kind !== 'request' && event.kind !== 'answer') return
    if (!this.#users.has(event.exchange.host)) return
    if (event.kind === 'request') this.#seeRequest(event.exchange, event.at)
    else this.#seeAnswer(event.exchange, event.at)
  }

  #seeRequest(exchange: Exchange, at: number): void {
    const { api, connection } = exchange
    const login = this.#logins.get(connection) ?? { handshake: undefined, endsAt: Number.POSITIVE_INFINITY }
    this.#logins.set(connection, login)
    if (api.name === 'SaslHandshake') {
      login.handshake = exchange
      this.#passwords.begin(exchange)
    } else if (api.name !== 'SaslAuthenticate') this.#seeUse(exchange, login, at)
  }

  /** Anything but a login. */
  #seeUse(exchange: Exchange, { handshake, endsAt }: Login, at: number): void {
    const { api, host } = exchange
    const isPolite = !this.#rude.has(host)
    if (api.name === 'LeaveGroup') this.#joins.delete(host)
    if (api.name === 'JoinGroup' && isPolite) this.#seeJoin(exchange, at)
    if (handshake) this.#early.add(exchange)
    if (handshake && isPolite) this.#report('login', `${host} sends ${api.name} in the middle of its login`)
    if (at <= endsAt) return
    this.#late.add(exchange)
    const lateMs = (at - endsAt).toFixed(0)
    if (isPolite && this.#calm.isOver(at))
      this.#report('login', `${host} sends ${api.name} ${lateMs} ms behind the end of its session`)
  }

  /** Another connection takes the place of one on which something waits, and that is waited for all the same. */
  #seeJoin(exchange: Exchange, at: number): void {
    const before = this.#joins.get(exchange.host)
    this.#joins.set(exchange.host, exchange)
    // Static members leave without a word.
    if (exchange.request.groupInstanceId !== null) return
    if (!before || before.answeredAt !== undefined || before.connection === exchange.connection) return
    if (this.#calm.isOver(at))
      this.#report(
        'login',
        `${exchange.host} joins anew on another connection, and does not wait for its last JoinGroup`,
      )
  }

  #seeAnswer(exchange: Exchange, at: number): void {
    const { api, host, connection, response } = exchange
    if (this.#late.has(exchange))
      this.#report('login', `${api.name} of ${host} is served behind the end of its session`)
    if (this.#early.has(exchange) && response.errorCode !== ILLEGAL_SASL_STATE)
      this.#report('login', `${api.name} of ${host} is served in the middle of its login`)
    const login = this.#logins.get(connection)
    if (!login) return
    if (api.name === 'SaslHandshake' && response.errorCode !== NONE) login.handshake = undefined
    if (api.name === 'SaslAuthenticate') this.#seeToken(login, response, at)
  }

  /** What is no last step of a login says nothing of a session. */
  #seeToken(login: Login, { errorCode, sessionLifetimeMs }: Exchange['response'], at: number): void {
    const { handshake } = login
    const isRefused = errorCode !== NONE
    if (!handshake || (!isRefused && sessionLifetimeMs === 0)) return
    login.handshake = undefined
    if (!isRefused) login.endsAt = at + sessionLifetimeMs
    const problem = this.#passwords.problemOf(handshake, isRefused)
    if (problem !== undefined) this.#report('login', problem)
  }
}
