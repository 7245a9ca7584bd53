import type { Clock } from '@rivven/runtime'
import { Problem } from '../../api/problem.js'
import { denialOf, isShownToAll, type Rights } from '../../api/rights.js'
import type { HttpListenerConfig } from '../../config/http-listener.js'
import type { BrokerServices } from '../../handlers/handler.js'
import type { Caller } from '../../handlers/rights/denial.js'
import { type Access, accessOf } from '../../security/access.js'
import type { Asker } from '../../security/audit/audit.js'
import type { PageContext } from '../page.js'
import { problemResponse } from '../problem-response.js'
import type { HttpLogin, Logins } from './logins.js'

export interface EntranceOptions {
  readonly listener: HttpListenerConfig
  readonly clock: Clock
  /** Undefined until the broker has opened its storage. */
  shown(): Shown | undefined
}

/** What there is to show, and who may log in to see it. */
export interface Shown {
  readonly broker: BrokerServices
  readonly logins: Logins
}

/** Who may have what was asked for. */
export interface Guest {
  readonly broker: BrokerServices
  readonly caller: Caller
  /** It is shown to whoever asks: nobody looks at rights. */
  readonly seesAll: boolean
}

/** What is asked for: its name in the audit log, who may have it, and what its path names. */
export interface Wanted {
  readonly api: string
  readonly rights: Rights
  readonly path?: Readonly<Record<string, string>>
}

interface Asking {
  readonly context: PageContext
  readonly asker: Asker
  readonly shown: Shown
}

const anonymous = 'User:ANONYMOUS'

/** The one way in: finds out who asks, and whether that one may have it. */
export class Entrance {
  readonly #options: EntranceOptions

  constructor(options: EntranceOptions) {
    this.#options = options
  }

  /** Who comes in; or why nobody does: 401 who does not say who it is, 403 who may not. */
  async admit(context: PageContext, { api, rights, path = {} }: Wanted): Promise<Guest | Response> {
    const shown = this.#options.shown()
    if (!shown) return problemResponse(notYet)
    const seesAll = isShownToAll(rights, this.#options.listener.anonymous)
    const caller = await this.#callerOf({ context, shown, asker: this.#askerOf(context, api) }, seesAll)
    if (caller instanceof Response) return caller
    const denied = denialOf(rights, path, caller)
    return denied ? problemResponse(denied) : { broker: shown.broker, caller, seesAll }
  }

  /** Nobody knows yet who it is. */
  #askerOf(context: PageContext, api: string): Asker {
    const access = { principal: anonymous, host: hostOf(context) }
    return { access, clientId: '', listener: this.#options.listener.name, api }
  }

  async #callerOf(asking: Asking, seesAll: boolean): Promise<Caller | Response> {
    const { listener } = this.#options
    const { host } = asking.asker.access
    // What is shown to whoever asks is shown whole: nobody looks at what a login would say.
    if (seesAll) return callerWith(asking, accessOf(null, anonymous, host))
    if (listener.schemes.length > 0) return this.#loggedIn(asking)
    if (listener.letsAnonymousIn) return callerWith(asking, asking.shown.broker.security.accessOf(anonymous, host))
    return problemResponse(new Problem('NOT_SHOWN', `HTTP shows only ${listener.anonymous} here.`))
  }

  async #loggedIn(asking: Asking): Promise<Caller | Response> {
    const { context, asker, shown } = asking
    const { broker, logins } = shown
    const authorization = context.req.header('authorization')
    if (authorization === undefined) return unknown(asking, new Problem('LOGIN_NEEDED', 'This needs a login.'))
    const login = await logins.check(authorization)
    if (!login.isRight) return this.#failed(asking, login)
    const caller = callerWith(asking, broker.security.accessOf(`User:${login.user}`, asker.access.host))
    broker.audit.loggedIn(caller, { mechanism: mechanismOf(login), user: login.user })
    return caller
  }

  async #failed(asking: Asking, login: HttpLogin): Promise<Response> {
    const { context, asker, shown } = asking
    const { audit, failedLogins } = shown.broker
    audit.loginFailed(asker, { mechanism: mechanismOf(login), user: login.user })
    const { connection_failed_authentication_delay_ms: usualMs } = this.#options.listener.values
    // Who guesses shall not guess fast.
    await this.#pause(context, failedLogins.failed(asker.access.host, usualMs))
    return unknown(asking, new Problem('LOGIN_FAILED', 'The login failed.'))
  }

  /** Whoever leaves meanwhile ends it. */
  #pause(context: PageContext, ms: number): Promise<void> {
    const { outgoing } = context.env
    if (outgoing.destroyed) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel()
        outgoing.off('close', done)
        resolve()
      }
      const timer = this.#options.clock.setTimer(ms, done)
      outgoing.once('close', done)
    })
  }
}

function callerWith({ asker, shown }: Asking, access: Access): Caller {
  return { ...asker, access, audit: shown.broker.audit }
}

function mechanismOf({ scheme }: HttpLogin): string {
  return scheme ?? 'unknown'
}

function unknown({ shown }: Asking, problem: Problem): Response {
  const response = problemResponse(problem)
  for (const challenge of shown.logins.challenges) response.headers.append('www-authenticate', challenge)
  return response
}

const notYet = new Problem('NOT_READY', 'The broker is not ready yet: /health/ready says what is missing.')

/** The peer's address as ACLs have it. */
export function hostOf(context: PageContext): string {
  const address = context.env.incoming.socket.remoteAddress ?? ''
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}
