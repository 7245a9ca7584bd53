import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Hashing, Random } from '@rivven/runtime'
import { type SaslClient, SaslError, type SaslMechanism } from './sasl-client.js'
import { readServerFinal, readServerFirst, type ServerFirst, saslName } from './scram-messages.js'

export type ScramDigest = 'sha256' | 'sha512'

/** Between what Kafka asks for at least (RFC 7677) and what a server may make us work: 1,000,000 take about a second. */
const iterations = { least: 4096, most: 1_000_000 }

export interface ScramLogin {
  readonly digest: ScramDigest
  readonly username: string
  readonly password: string
}

/**
 * SCRAM without channel binding (RFC 5802, 7677): both sides prove that they know the password, and neither says it. The
 * password is taken as it is, in UTF-8, as Kafka takes it.
 */
export class Scram implements SaslMechanism {
  readonly name: string
  readonly #login: ScramLogin
  readonly #world: { random: Random; hashing: Hashing }
  /** The salted password of the last salt: what the many iterations are for. */
  #salted: { readonly by: string; readonly password: Promise<Buffer> } | null = null

  constructor(login: ScramLogin, world: { random: Random; hashing: Hashing }) {
    this.name = login.digest === 'sha256' ? 'SCRAM-SHA-256' : 'SCRAM-SHA-512'
    this.#login = login
    this.#world = world
  }

  attempt(): SaslClient {
    const { digest, username } = this.#login
    const { random } = this.#world
    const nonce = `${random.uuid()}${random.uuid()}`.replaceAll('-', '')
    return new ScramAttempt({ digest, username, nonce, salted: (first) => this.#saltedFor(first) })
  }

  #saltedFor({ salt, iterations }: ServerFirst): Promise<Buffer> {
    const by = `${salt.toString('base64')} ${iterations}`
    if (this.#salted?.by === by) return this.#salted.password
    const { digest, password } = this.#login
    const salted = this.#world.hashing.pbkdf2(digest, Buffer.from(password), salt, iterations)
    const entry = { by, password: salted }
    this.#salted = entry
    salted.catch(() => {
      if (this.#salted === entry) this.#salted = null
    })
    return salted
  }
}

interface AttemptParts {
  readonly digest: ScramDigest
  readonly username: string
  readonly nonce: string
  salted(first: ServerFirst): Promise<Buffer>
}

type State =
  | { readonly kind: 'first' }
  | { readonly kind: 'proven'; readonly signature: Buffer }
  | { readonly kind: 'over' }

class ScramAttempt implements SaslClient {
  readonly #parts: AttemptParts
  readonly #bare: string
  #state: State = { kind: 'first' }

  constructor(parts: AttemptParts) {
    this.#parts = parts
    this.#bare = `n=${saslName(parts.username)},r=${parts.nonce}`
  }

  async begin(): Promise<Buffer> {
    return Buffer.from(`n,,${this.#bare}`)
  }

  async answer(message: Buffer): Promise<Buffer | null> {
    const state = this.#state
    this.#state = { kind: 'over' }
    switch (state.kind) {
      case 'first':
        return this.#prove(message)
      case 'proven':
        verify(message, state.signature)
        return null
      case 'over':
        throw new SaslError('it goes on after the last message')
    }
  }

  async #prove(message: Buffer): Promise<Buffer> {
    const { digest, nonce } = this.#parts
    const first = readServerFirst(message)
    mustBeFair(first, nonce)
    const salted = await this.#parts.salted(first)
    const withoutProof = `c=biws,r=${first.nonce}`
    const signed = `${this.#bare},${message.toString()},${withoutProof}`
    const clientKey = hmac(digest, salted, 'Client Key')
    const storedKey = createHash(digest).update(clientKey).digest()
    const proof = xor(clientKey, hmac(digest, storedKey, signed))
    this.#state = { kind: 'proven', signature: hmac(digest, hmac(digest, salted, 'Server Key'), signed) }
    return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`)
  }
}

/** Nothing is computed for a server that replays an old exchange or makes us work for hours. */
function mustBeFair(first: ServerFirst, nonce: string): void {
  if (!first.nonce.startsWith(nonce) || first.nonce.length === nonce.length)
    throw new SaslError('its nonce does not begin with ours: it answers somebody else')
  if (first.iterations < iterations.least || first.iterations > iterations.most)
    throw new SaslError(
      `it asks for ${first.iterations} iterations, which must be ${iterations.least} to ${iterations.most}`,
    )
}

function verify(message: Buffer, expected: Buffer): void {
  const signature = readServerFinal(message)
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
    throw new SaslError('its signature is wrong: it does not know the password, and may be somebody else')
}

function hmac(digest: ScramDigest, key: Buffer, text: string): Buffer {
  return createHmac(digest, key).update(text).digest()
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, at) => byte ^ (b[at] as number)))
}
