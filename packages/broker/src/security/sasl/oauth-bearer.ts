import type { TokenCheck, TokenVerdict } from '../tokens/token-check.js'
import { failed, type SaslServer, type SaslStep } from './sasl-server.js'
import { saslText, unescaped } from './sasl-text.js'

/** With room for extensions behind a token of 16 KiB. */
const mostBytes = 32_768

// RFC 7628 section 3.1: a header of GS2, then `key=value` pairs with the byte 1 behind each, and once more behind all.
const header = /^n,(?:a=((?:[^,=]|=2C|=3D)+))?,$/u
const pair = /^[A-Za-z]+=[\t\r\n -~]*$/
const authorization = /^auth=bearer +([\w.~+/-]+=*)$/i

const nothing = new Uint8Array(0)
/** As Kafka says it. Why, is said when the client has read this. */
const refusal = Buffer.from('{"status":"invalid_token"}')

type State =
  | { readonly kind: 'first' }
  /** The client was told so, and says that it has read it. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'over' }

/** Lets in whoever bears a token, as the one whom the token names. There is no second try: Kafka would take another token. */
export class OAuthBearerServer implements SaslServer {
  readonly #tokens: TokenCheck
  #state: State = { kind: 'first' }

  constructor(tokens: TokenCheck) {
    this.#tokens = tokens
  }

  next(message: Uint8Array): SaslStep | Promise<SaslStep> {
    const state = this.#state
    this.#state = { kind: 'over' }
    switch (state.kind) {
      case 'first':
        return this.#begin(message)
      case 'refused':
        return failed(`Authentication failed: ${state.why}`)
      case 'over':
        return failed('the exchange is over')
    }
  }

  #begin(message: Uint8Array): SaslStep | Promise<SaslStep> {
    const first = readFirst(message)
    if (!first) return failed('a first message of OAUTHBEARER is n,,^Aauth=Bearer TOKEN^A^A')
    return this.#tokens.check(first.token).then((verdict) => this.#conclude(first, verdict))
  }

  #conclude({ authorizationId }: FirstMessage, verdict: TokenVerdict): SaslStep {
    if (verdict.kind === 'wrong') {
      this.#state = { kind: 'refused', why: verdict.why }
      return { kind: 'challenge', token: refusal }
    }
    const { user, expiresAt } = verdict
    if (authorizationId !== '' && authorizationId !== user) return failed('nobody may log in for somebody else', user)
    return { kind: 'done', token: nothing, user, expiresAt }
  }
}

interface FirstMessage {
  readonly authorizationId: string
  readonly token: string
}

function readFirst(message: Uint8Array): FirstMessage | undefined {
  const text = message.byteLength > mostBytes ? undefined : saslText(message)
  const [gs2 = '', ...parts] = text?.split('\x01') ?? []
  const found = header.exec(gs2)
  const pairs = parts.slice(0, -2)
  const hasEnd = parts.length > 2 && parts.slice(-2).every((part) => part === '')
  if (!found || !hasEnd || !pairs.every((part) => pair.test(part))) return undefined
  const tokens = pairs.filter((part) => /^auth=/i.test(part)).map((part) => authorization.exec(part)?.[1])
  const [token] = tokens
  if (tokens.length !== 1 || token === undefined) return undefined
  return { authorizationId: unescaped(found[1] ?? ''), token }
}
