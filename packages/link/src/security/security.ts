import type { Pem, Runtime, TlsConnect } from '@rivven/runtime'
import { RivvenError } from '../errors/errors.js'
import { oauthBearer } from './sasl/oauth-bearer.js'
import { plain } from './sasl/plain.js'
import type { SaslMechanism } from './sasl/sasl-client.js'
import { Scram } from './sasl/scram.js'
import { isTokenLogin, mechanismOf, type PasswordLogin, type SaslOptions, type TokenLogin } from './sasl-options.js'
import { isFile, type PemSource, type SslOptions } from './ssl-options.js'
import { heldToken, Tokens } from './tokens.js'

export interface SecurityOptions {
  ssl?: boolean | SslOptions | undefined
  sasl?: SaslOptions | undefined
}

/** How a client secures its connections. What is secret in it stays inside. */
export class Security {
  readonly #ssl: SslOptions | null
  readonly #runtime: Runtime
  readonly #mechanism: SaslMechanism | null
  readonly #tokens: Tokens | null

  /** Of options that were checked. */
  constructor({ ssl = false, sasl }: SecurityOptions, runtime: Runtime) {
    this.#ssl = ssl === true ? {} : ssl || null
    this.#runtime = runtime
    this.#tokens = sasl && isTokenLogin(sasl) ? tokensOf(sasl, runtime) : null
    this.#mechanism = sasl ? this.#mechanismOf(sasl) : null
  }

  /** How it logs in; null: not at all. */
  get mechanism(): SaslMechanism | null {
    return this.#mechanism
  }

  /** Those it logs in with; null: with something else. */
  get tokens(): Tokens | null {
    return this.#tokens
  }

  get isEncrypted(): boolean {
    return this.#ssl !== null
  }

  /** What the next connection takes: files are read anew. Rejects with TLS_FAILED when one of them cannot be. */
  async tls(): Promise<TlsConnect | undefined> {
    if (!this.#ssl) return undefined
    const { ca, cert, key, passphrase, servername, endpointIdentificationAlgorithm } = this.#ssl
    const sources = ca === undefined || Array.isArray(ca) ? ca : [ca as PemSource]
    return {
      ca: sources && (await Promise.all(sources.map((source: PemSource) => this.#read(source, 'ca')))),
      cert: cert === undefined ? undefined : await this.#read(cert, 'cert'),
      key: key === undefined ? undefined : await this.#read(key, 'key'),
      passphrase,
      servername,
      checksName: endpointIdentificationAlgorithm !== 'none',
    }
  }

  async #read(source: PemSource, option: string): Promise<Pem> {
    if (!isFile(source)) return source
    try {
      return await this.#runtime.disk.readFile(source.file)
    } catch (cause) {
      const text = `ssl.${option} cannot be read: ${(cause as Error).message}.`
      throw new RivvenError('TLS_FAILED', text, { cause, hint: 'Paths begin at the folder of the process.' })
    }
  }

  #mechanismOf(sasl: SaslOptions): SaslMechanism {
    const tokens = this.#tokens
    if (tokens) return oauthBearer(async () => (await tokens.current()).value)
    const { mechanism, username, password } = sasl as PasswordLogin
    if (mechanismOf(mechanism) === 'plain') return plain(username, password)
    const digest = mechanismOf(mechanism) === 'scram-sha-256' ? 'sha256' : 'sha512'
    return new Scram({ digest, username, password }, this.#runtime)
  }
}

function tokensOf({ token }: TokenLogin, { clock }: Runtime): Tokens {
  return new Tokens(async () => heldToken(await token(), clock), clock)
}
