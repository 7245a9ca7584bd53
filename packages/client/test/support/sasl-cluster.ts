import type { FakeNetwork, ServerEnd } from '@rivven/fakes'
import { ScramServer } from '@rivven/fakes'
import {
  type Api,
  ApiVersions,
  ErrorCode,
  SaslAuthenticate,
  type SaslAuthenticateRequest,
  SaslHandshake,
  type SaslHandshakeRequest,
} from '@rivven/protocol'
import { type Asked, TinyCluster } from './tiny-cluster.js'

/** Ends as `npm test` looks for passwords in what tests print (scripts/leaked-passwords.mjs). */
export const tinyPassword = 'tiny-secret'

interface Session {
  state: 'new' | 'handshake' | 'done'
  scram: ScramServer
}

/** A cluster that wants SCRAM-SHA-256 and `tinyPassword`, and closes connections on which it is spoken to out of turn. */
export class SaslCluster extends TinyCluster {
  readonly #sessions = new Map<ServerEnd, Session>()
  /** What was said, by connection, in its order. */
  readonly said = new Map<ServerEnd, string[]>()
  /** Requests that came where none may come. */
  readonly outOfTurn: string[] = []
  mechanisms = ['SCRAM-SHA-256']
  sessionLifetimeMs = 0
  password = tinyPassword
  spoil: ConstructorParameters<typeof ScramServer>[1] = {}

  constructor(network: FakeNetwork, brokers = 1) {
    super(network, brokers)
    this.scripts.set(SaslHandshake, (asked) => this.#handshake(asked))
    this.scripts.set(SaslAuthenticate, (asked) => this.#authenticate(asked))
    this.fate = (asked) => this.#judge(asked)
  }

  /** Requests for a login that came. */
  get logins(): number {
    return this.requestsOf(SaslHandshake).length
  }

  #judge(asked: Asked): 'answer' | 'close before' {
    const { api, end } = asked
    this.said.set(end, [...(this.said.get(end) ?? []), api.name])
    const session = this.#sessions.get(end) ?? { state: 'new', scram: new ScramServer(this.password, this.spoil) }
    this.#sessions.set(end, session)
    if (mayCome(session.state, api)) return 'answer'
    this.outOfTurn.push(`${api.name} in state ${session.state}`)
    return 'close before'
  }

  #handshake({ request, end }: Asked): unknown {
    const { mechanism } = request as SaslHandshakeRequest
    const session = this.#sessions.get(end)!
    if (!this.mechanisms.includes(mechanism))
      return { errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM, mechanisms: this.mechanisms }
    session.state = 'handshake'
    session.scram = new ScramServer(this.password, this.spoil)
    return { mechanisms: this.mechanisms }
  }

  #authenticate({ request, end }: Asked): unknown {
    const session = this.#sessions.get(end)!
    const answer = session.scram.answer((request as SaslAuthenticateRequest).authBytes)
    if (!answer) return { errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED, errorMessage: 'wrong,\nwhatever it was' }
    if (!String(answer).startsWith('v=')) return { authBytes: answer }
    session.state = 'done'
    return { authBytes: answer, sessionLifetimeMs: this.sessionLifetimeMs }
  }
}

function mayCome(state: Session['state'], api: Api): boolean {
  if (state === 'handshake') return api === SaslAuthenticate
  return state === 'done' || api === ApiVersions || api === SaslHandshake
}
