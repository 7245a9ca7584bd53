import { type HttpListenerConfig, type HttpScheme, httpTokenRulesOf } from '../../config/http-listener.js'
import { saslText } from '../../security/sasl/sasl-text.js'
import type { Security } from '../../security/security.js'
import type { JwtCheck } from '../../security/tokens/jwt-check.js'

/** What a header says of who sends it. */
export interface HttpLogin {
  /** Undefined: none that is taken here. */
  readonly scheme: HttpScheme | undefined
  /** Who it says it is, as far as that can be read. */
  readonly user?: string | undefined
  readonly isRight: boolean
}

/** Checks the header Authorization as the same is checked of clients of Kafka's protocol. */
export class Logins {
  readonly #schemes: readonly HttpScheme[]
  readonly #security: Pick<Security, 'newSaslServer'>
  readonly #tokens: JwtCheck | undefined

  constructor(listener: HttpListenerConfig, security: Pick<Security, 'newSaslServer' | 'tokens'>) {
    const rules = httpTokenRulesOf(listener)
    this.#schemes = listener.schemes
    this.#security = security
    this.#tokens = rules && security.tokens.of(rules)
  }

  /** When the broker starts. Throws ConfigError where the keys of tokens cannot be had. */
  async begin(): Promise<void> {
    await this.#tokens?.begin()
  }

  /** For WWW-Authenticate: how one may log in. */
  get challenges(): readonly string[] {
    return this.#schemes.map((scheme) => challenges[scheme])
  }

  /** Says the same, and takes as long, whether there is such a user. */
  async check(authorization: string): Promise<HttpLogin> {
    const [, word = '', credentials = ''] = /^(\S+) +(\S+)$/.exec(authorization) ?? []
    const scheme = this.#schemes.find((known) => known.toLowerCase() === word.toLowerCase())
    switch (scheme) {
      case undefined:
        return { scheme, isRight: false }
      case 'Basic':
        return this.#basic(credentials)
      case 'Bearer':
        return this.#bearer(credentials)
    }
  }

  /** RFC 7617: what is behind the first colon is the password. */
  async #basic(credentials: string): Promise<HttpLogin> {
    const text = saslText(Buffer.from(credentials, 'base64'))
    const colon = text?.indexOf(':') ?? -1
    if (text === undefined || colon < 0) return { scheme: 'Basic', isRight: false }
    const user = text.slice(0, colon)
    const message = Buffer.from(`\0${user}\0${text.slice(colon + 1)}`)
    const step = await this.#security.newSaslServer('PLAIN').next(message)
    return { scheme: 'Basic', user, isRight: step.kind === 'done' }
  }

  /** RFC 6750. */
  async #bearer(token: string): Promise<HttpLogin> {
    const verdict = await this.#tokens?.check(token)
    if (verdict?.kind !== 'right') return { scheme: 'Bearer', isRight: false }
    return { scheme: 'Bearer', user: verdict.user, isRight: true }
  }
}

const challenges: Readonly<Record<HttpScheme, string>> = {
  Basic: 'Basic realm="Rivven", charset="UTF-8"',
  Bearer: 'Bearer realm="Rivven"',
}
