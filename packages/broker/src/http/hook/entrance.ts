import { CLUSTER_NAME, ErrorCode, errorOf } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import type { HttpListenerConfig } from '../../config/http-listener.js'
import type { BrokerServices } from '../../handlers/handler.js'
import { type Caller, denial } from '../../handlers/rights/denial.js'
import { type Access, accessOf } from '../../security/access.js'
import type { Asker } from '../../security/audit/audit.js'
import type { GuardedPage, PageContext } from '../page.js'
import { bodyOf, changeFault } from './changes.js'
import type { HttpLogin, Logins } from './logins.js'
import { isShownToAll, type PageNeed, type PageRights, partsOf } from './page-rights.js'

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

interface Asking {
  readonly context: PageContext
  readonly asker: Asker
  readonly shown: Shown
}

const anonymous = 'User:ANONYMOUS'

/** The one way to a page: finds out who asks, and whether that one may have it. */
export class Entrance {
  readonly #options: EntranceOptions

  constructor(options: EntranceOptions) {
    this.#options = options
  }

  /** The page, or why not: 401 who does not say who it is, 403 who may not. */
  async visit(page: GuardedPage, rights: PageRights, context: PageContext): Promise<Response> {
    const isChange = page.name.startsWith('POST ')
    const fault = isChange ? changeFault(context, this.#options.listener.isEncrypted) : undefined
    if (fault) return fault
    const shown = this.#options.shown()
    if (!shown) return context.json(notYet, 503)
    const caller = await this.#callerOf({ context, shown, asker: this.#askerOf(context, page.name) }, rights)
    if (caller instanceof Response) return caller
    const denied = rights.needs && this.#denialOf(context, rights.needs, caller)
    if (denied) return denied
    const body = isChange ? await bodyOf(context) : { json: undefined }
    if (body instanceof Response) return body
    return page.answer({ context, broker: shown.broker, caller, body: body.json })
  }

  /** Nobody knows yet who it is. */
  #askerOf(context: PageContext, api: string): Asker {
    const access = { principal: anonymous, host: hostOf(context) }
    return { access, clientId: '', listener: this.#options.listener.name, api }
  }

  async #callerOf(asking: Asking, rights: PageRights): Promise<Caller | Response> {
    const { listener } = this.#options
    const { host } = asking.asker.access
    // What is shown to whoever asks is shown whole: nobody looks at what a login would say.
    if (isShownToAll(rights, listener.anonymous)) return callerWith(asking, accessOf(null, anonymous, host))
    if (listener.schemes.length > 0) return this.#loggedIn(asking)
    if (listener.letsAnonymousIn) return callerWith(asking, asking.shown.broker.security.accessOf(anonymous, host))
    const error = `HTTP shows only ${listener.anonymous} here: docs/monitoring.md says how to see more.`
    return asking.context.json({ error }, 403)
  }

  async #loggedIn(asking: Asking): Promise<Caller | Response> {
    const { context, asker, shown } = asking
    const { broker, logins } = shown
    const authorization = context.req.header('authorization')
    if (authorization === undefined) return unknown(asking, 'This needs a login.')
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
    return unknown(asking, 'The login failed.')
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

  #denialOf(context: PageContext, need: PageNeed, caller: Caller): Response | undefined {
    const { operation, type, parameter } = partsOf(need)
    const name = parameter === undefined ? CLUSTER_NAME : (context.req.param(parameter) ?? '')
    const code = denial(caller, operation, type, name)
    if (code === ErrorCode.NONE) return undefined
    const what = parameter === undefined ? 'the cluster' : `the ${parameter} ${name}`
    const missing = { operation, resourceType: type, resourceName: name }
    const error = `${caller.access.principal} may not do this: it needs ${operation} on ${what}.`
    return context.json({ error, code: errorOf(code).name, missing }, 403)
  }
}

function callerWith({ asker, shown }: Asking, access: Access): Caller {
  return { ...asker, access, audit: shown.broker.audit }
}

function mechanismOf({ scheme }: HttpLogin): string {
  return scheme ?? 'unknown'
}

function unknown({ context, shown }: Asking, error: string): Response {
  for (const challenge of shown.logins.challenges) context.header('www-authenticate', challenge, { append: true })
  return context.json({ error }, 401)
}

const notYet = { error: 'The broker is not ready yet: /health/ready says what is missing.' }

/** The peer's address as ACLs have it. */
function hostOf(context: PageContext): string {
  const address = context.env.incoming.socket.remoteAddress ?? ''
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}
