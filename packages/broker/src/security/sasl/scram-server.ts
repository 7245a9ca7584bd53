import { timingSafeEqual } from 'node:crypto'
import type { ScramMechanism } from '@rivven/protocol'
import type { Random } from '@rivven/runtime'
import { hash, hmac, type ScramCredential, type ScramCredentials } from '../users/scram-credential.js'
import type { SaslServer, SaslStep } from './sasl-server.js'
import { type ClientFinal, type ClientFirst, readClientFinal, readClientFirst } from './scram-messages.js'

export interface ScramServerDeps {
  readonly credentials: ScramCredentials
  readonly random: Random
}

type State =
  | { readonly kind: 'first' }
  | {
      readonly kind: 'final'
      readonly first: ClientFirst
      readonly serverFirst: string
      /** The client's and ours behind it. */
      readonly nonce: string
      readonly credential: ScramCredential
      readonly isKnown: boolean
    }
  | { readonly kind: 'over' }

/**
 * RFC 5802 without channel binding. Where Kafka tells more or checks less than it should: an unknown user fails as late as a
 * wrong password, `c=` must repeat the header, the bytes that came are what is signed, and names are UTF-8.
 */
export class ScramServer implements SaslServer {
  readonly #mechanism: ScramMechanism
  readonly #deps: ScramServerDeps
  #state: State = { kind: 'first' }

  constructor(mechanism: ScramMechanism, deps: ScramServerDeps) {
    this.#mechanism = mechanism
    this.#deps = deps
  }

  next(token: Uint8Array): SaslStep {
    const state = this.#state
    this.#state = { kind: 'over' }
    switch (state.kind) {
      case 'first':
        return this.#challenge(token)
      case 'final':
        return this.#verify(state, token)
      case 'over':
        return this.#failed()
    }
  }

  #challenge(token: Uint8Array): SaslStep {
    const first = readClientFirst(token)
    if (first === undefined || !isServed(first)) return this.#failed(first?.user)
    const { isKnown, credential } = this.#deps.credentials.credentialOf(first.user, this.#mechanism)
    const nonce = first.nonce + this.#deps.random.uuid()
    const serverFirst = `r=${nonce},s=${credential.salt.toString('base64')},i=${credential.iterations}`
    this.#state = { kind: 'final', first, serverFirst, nonce, credential, isKnown }
    return { kind: 'challenge', token: Buffer.from(serverFirst) }
  }

  #verify(state: State & { kind: 'final' }, token: Uint8Array): SaslStep {
    const { first, serverFirst, nonce, credential, isKnown } = state
    const final = readClientFinal(token)
    const { user } = first
    if (final === undefined) return this.#failed(user)
    if (final.nonce === first.nonce + nonce) return { kind: 'failed', text: repeatedNonce, user }
    // The whole nonce, or a recorded proof would do (CVE-2024-56128).
    if (final.nonce !== nonce) return this.#failed(user)
    if (final.channelBinding !== Buffer.from(first.gs2Header).toString('base64')) return this.#failed(user)
    const signed = `${first.bare},${serverFirst},${final.withoutProof}`
    if (!this.#isProof(final, credential, signed) || !isKnown) return this.#failed(user)
    const signature = hmac(this.#mechanism, credential.serverKey, signed).toString('base64')
    return { kind: 'done', token: Buffer.from(`v=${signature}`), user }
  }

  /** The proof is the client's key under a signature that needs the stored key: its hash is the stored key. */
  #isProof({ proof }: ClientFinal, { storedKey }: ScramCredential, signed: string): boolean {
    const clientKey = hmac(this.#mechanism, storedKey, signed)
    if (proof.length !== clientKey.length) return false
    for (let at = 0; at < proof.length; at++) clientKey[at] = (clientKey[at] as number) ^ (proof[at] as number)
    return timingSafeEqual(hash(this.#mechanism, clientKey), storedKey)
  }

  #failed(user?: string): SaslStep {
    const text = `Authentication failed: invalid credentials with SASL mechanism ${this.#mechanism}`
    return { kind: 'failed', text, ...(user !== undefined && { user }) }
  }
}

/** What no password mends: kcat of many a distribution still has such a librdkafka. Kafka refuses it as well. */
const repeatedNonce =
  'Authentication failed: the client sends its nonce twice, as librdkafka before 2.8.0 does. Use a later one, or PLAIN over TLS'

/** Nobody logs in for somebody else, there are no delegation tokens, and no extension that must be understood. */
function isServed({ authorizationId, user, extensions }: ClientFirst): boolean {
  if (authorizationId !== '' && authorizationId !== user) return false
  return extensions.get('tokenauth')?.toLowerCase() !== 'true' && !extensions.has('m')
}
