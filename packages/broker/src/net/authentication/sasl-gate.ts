import {
  type Api,
  ApiVersions,
  decodeRequest,
  decodeRequestHeader,
  ErrorCode,
  encodeResponse,
  type RequestHeader,
  SaslAuthenticate,
  SaslHandshake,
} from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { namesItself } from '../../handlers/brokers/api-versions.js'
import type { Access } from '../../security/access.js'
import type { Asker, Audit } from '../../security/audit/audit.js'
import type { SaslMechanism } from '../../security/sasl/mechanism.js'
import type { SaslServer, SaslStep } from '../../security/sasl/sasl-server.js'
import type { Frame } from '../flights.js'
import type { Gate, Verdict } from './gate.js'
import { Login } from './login.js'
import { outOfPlace } from './out-of-place.js'

/** Another login of the same connection is not begun sooner behind the one before (security.md §6). */
const LEAST_BETWEEN_LOGINS_MS = 1_000
const MAX_ELEMENTS = 1

/** What all connections of a listener with SASL share. */
export interface SaslTerms {
  readonly clock: Clock
  readonly mechanisms: readonly SaslMechanism[]
  readonly newServer: (mechanism: SaslMechanism) => SaslServer
  /** What of this API and version the broker serves. */
  readonly apiOf: (apiKey: number, apiVersion: number) => Api | undefined
  readonly frameSizes: { readonly beforeLogin: number; readonly afterLogin: number }
  /** After so long one must log in again; 0: never. */
  readonly sessionMs: number
  readonly audit: Audit
  /** Name of the listener. */
  readonly listener: string
}

/** What a user may do who comes over this connection; without a name: somebody unknown. */
export type AccessOf = (user?: string) => Access

type Stage = 'versions or handshake' | 'handshake' | 'token' | 'open'

/** The states of a connection of a listener with SASL: the table of security.md §3, and sessions that end (§6, KIP-368). */
export class SaslGate implements Gate {
  access: Access
  isOpen = false
  readonly #terms: SaslTerms
  readonly #accessOf: AccessOf
  readonly #failed: () => number
  #stage: Stage = 'versions or handshake'
  #login: Login | undefined
  /** The mechanism of the first login, which all others must use. */
  #mechanism: SaslMechanism | undefined
  #endsAt = Number.POSITIVE_INFINITY
  #lastAgainAt = Number.NEGATIVE_INFINITY

  /** `failed` counts a failed login, and says how late it is answered, in ms. */
  constructor(terms: SaslTerms, accessOf: AccessOf, failed: () => number) {
    this.#terms = terms
    this.#accessOf = accessOf
    this.#failed = failed
    this.access = accessOf()
  }

  get maxFrameSize(): number {
    const { beforeLogin, afterLogin } = this.#terms.frameSizes
    return this.isOpen ? afterLogin : beforeLogin
  }

  look(frame: Buffer): Verdict | Promise<Verdict> | undefined {
    if (this.#stage === 'open')
      return this.#endsAt === Number.POSITIVE_INFINITY ? undefined : this.#lookAtSession(frame)
    if (this.#login?.isBare) return this.#takeToken(this.#login, frame)
    const header = decodeRequestHeader(frame)
    if (this.#login) return this.#lookForToken(this.#login, header, frame)
    if (header.apiKey === SaslHandshake.key) return this.#handshake(header, frame)
    if (header.apiKey !== ApiVersions.key || this.#stage === 'handshake') return closed('a request before the login')
    // A version that is not known, or a bad name, is answered and does not use up the one that is free.
    if (this.#isServed(header) && namesItself(header, frame)) this.#stage = 'handshake'
    return undefined
  }

  /** Nobody watches the clock: the first request behind the end finds the session over. */
  #lookAtSession(frame: Buffer): Verdict | Promise<Verdict> | undefined {
    const now = this.#terms.clock.monotonic()
    const asksAgain = frame.length >= 2 && frame.readInt16BE(0) === SaslHandshake.key
    if (!asksAgain) return now < this.#endsAt ? undefined : closed('its session is over and it has not logged in again')
    if (now - this.#lastAgainAt < LEAST_BETWEEN_LOGINS_MS) return undefined
    this.#lastAgainAt = now
    return this.#handshake(decodeRequestHeader(frame), frame)
  }

  #handshake(header: RequestHeader, frame: Buffer): Verdict | Promise<Verdict> {
    const { apiVersion, bodyOffset, correlationId } = header
    if (!this.#isServed(header)) return closed(`SaslHandshake has no version ${apiVersion} here`)
    const { mechanism } = decodeRequest(SaslHandshake, apiVersion, frame, bodyOffset, MAX_ELEMENTS)
    const mechanisms = [...this.#terms.mechanisms]
    const known = mechanisms.find((one) => one === mechanism)
    const errorCode = known ? ErrorCode.NONE : ErrorCode.UNSUPPORTED_SASL_MECHANISM
    const answer = encodeResponse(SaslHandshake, apiVersion, correlationId, { errorCode, mechanisms })
    if (!known) return this.#fail(answer, 'it asked for a mechanism that is not enabled', { header })
    this.#login = new Login(this.#terms.newServer(known), { mechanism: known, isBare: apiVersion === 0 })
    this.#stage = 'token'
    return { answer }
  }

  #lookForToken(login: Login, header: RequestHeader, frame: Buffer): Verdict | Promise<Verdict> {
    if (header.apiKey === SaslAuthenticate.key && this.#isServed(header)) return this.#takeToken(login, frame, header)
    const api = this.#terms.apiOf(header.apiKey, header.apiVersion)
    return this.#fail(outOfPlace(api, header, frame), 'another request in the middle of its login', { login, header })
  }

  #takeToken(login: Login, frame: Buffer, header?: RequestHeader): Verdict | Promise<Verdict> {
    if (this.#mechanism !== undefined && this.#mechanism !== login.mechanism) {
      this.#terms.audit.loginFailed(this.#asker(header), { mechanism: login.mechanism, isAgain: true })
      return closed('it began to log in again by another mechanism')
    }
    const step = login.take(frame, header)
    if (step instanceof Promise) return step.then((made) => this.#conclude(login, made, header))
    return this.#conclude(login, step, header)
  }

  #conclude(login: Login, step: SaslStep, header?: RequestHeader): Verdict | Promise<Verdict> {
    if (step.kind === 'challenge') return { answer: login.answer(step, 0, header) }
    const { user } = step
    if (step.kind === 'failed') {
      return this.#fail(login.answer(step, 0, header), `its login failed: ${step.text}`, { login, user, header })
    }
    const access = this.#accessOf(step.user)
    if (this.isOpen && access.principal !== this.access.principal) {
      const text = 'A connection cannot log in again as somebody else.'
      const answer = login.answer({ kind: 'failed', text }, 0, header)
      return this.#fail(answer, 'it logged in again as somebody else', { login, user, header })
    }
    const sessionMs = this.#sessionMs(step.expiresAt)
    const { mechanism } = login
    this.#terms.audit.loggedIn({ ...this.#asker(header), access }, { mechanism, user, isAgain: this.isOpen })
    this.#open(mechanism, access, sessionMs)
    return { answer: login.answer(step, sessionMs ?? 0, header) }
  }

  #open(mechanism: SaslMechanism, access: Access, sessionMs: number | undefined): void {
    if (!this.isOpen) this.access = access
    this.isOpen = true
    this.#stage = 'open'
    this.#login = undefined
    this.#mechanism = mechanism
    this.#endsAt = sessionMs === undefined ? Number.POSITIVE_INFINITY : this.#terms.clock.monotonic() + sessionMs
  }

  /** Undefined: without end. */
  #sessionMs(expiresAt: number | undefined): number | undefined {
    const { sessionMs, clock } = this.#terms
    const left = expiresAt === undefined ? Number.POSITIVE_INFINITY : Math.max(1, expiresAt - clock.now())
    const shorter = Math.min(left, sessionMs === 0 ? Number.POSITIVE_INFINITY : sessionMs)
    return shorter === Number.POSITIVE_INFINITY ? undefined : shorter
  }

  /** Who guesses shall not guess fast. */
  #fail(answer: Frame, reason: string, { login, user, header }: Failure): Promise<Verdict> {
    const mechanism = login?.mechanism ?? 'unknown'
    this.#terms.audit.loginFailed(this.#asker(header), { mechanism, user, isAgain: this.isOpen })
    const verdict: Verdict = { answer, ending: { level: 'info', reason, refusal: 'failed_login' } }
    return new Promise((resolve) => this.#terms.clock.setTimer(this.#failed(), () => resolve(verdict)))
  }

  #asker(header?: RequestHeader): Asker {
    const { listener } = this.#terms
    return { access: this.access, clientId: header?.clientId ?? '', listener, api: 'SaslAuthenticate' }
  }

  #isServed({ apiKey, apiVersion }: RequestHeader): boolean {
    return this.#terms.apiOf(apiKey, apiVersion) !== undefined
  }
}

/** Of whom, as far as that is known. */
interface Failure {
  readonly login?: Login
  readonly user?: string | undefined
  readonly header?: RequestHeader | undefined
}

function closed(reason: string): Verdict {
  return { answer: [], ending: { level: 'info', reason } }
}
