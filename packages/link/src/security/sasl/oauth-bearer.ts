import { type SaslClient, SaslError, type SaslMechanism } from './sasl-client.js'

/** Stands between the parts of a message. */
const separator = '\x01'

/** RFC 7628: whoever bears the token is who it says, so for encrypted connections only. */
export function oauthBearer(token: () => Promise<string>): SaslMechanism {
  return { name: 'OAUTHBEARER', attempt: () => new BearerAttempt(token) }
}

class BearerAttempt implements SaslClient {
  readonly #token: () => Promise<string>
  #refusal: string | null = null

  constructor(token: () => Promise<string>) {
    this.#token = token
  }

  async begin(): Promise<Buffer> {
    return Buffer.from(`n,,${separator}auth=Bearer ${await this.#token()}${separator}${separator}`)
  }

  /** A refusal comes as a document and without an error; that follows when the server was told that we have read it. */
  async answer(message: Buffer): Promise<Buffer | null> {
    if (this.#refusal !== null) throw new SaslError(this.#refusal)
    if (message.length === 0) return null
    this.#refusal = `it does not take the token: ${statusOf(message)}`
    return Buffer.from(separator)
  }
}

function statusOf(message: Buffer): string {
  try {
    const { status } = JSON.parse(message.toString('utf8', 0, 4096)) as { status?: unknown }
    return /^[\w .-]{1,100}$/.test(String(status)) ? String(status) : 'for no reason that makes sense'
  } catch {
    return 'for no reason that makes sense'
  }
}
