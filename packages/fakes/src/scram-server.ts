import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

/** The server's side of SCRAM-SHA-256 for one user, straight from RFC 5802; `spoil` makes it lie. */
export class ScramServer {
  readonly #password: string
  readonly #spoil: { first?: (message: string) => string; final?: (message: string) => string }
  #bare = ''
  #first = ''
  /** How many clients asked for a salt. */
  begun = 0

  constructor(
    password: string,
    spoil: { first?: (message: string) => string; final?: (message: string) => string } = {},
  ) {
    this.#password = password
    this.#spoil = spoil
  }

  /** The answer to a message; null: the password is wrong. */
  answer(message: Buffer): Buffer | null {
    const text = message.toString()
    return text.startsWith('n,,') ? this.#begin(text) : this.#verify(text)
  }

  #begin(text: string): Buffer {
    this.begun++
    this.#bare = text.slice(3)
    const [, nonce = ''] = /r=([^,]+)/.exec(text) ?? []
    this.#first = (this.#spoil.first ?? same)(`r=${nonce}theirs,s=${Buffer.from('salt').toString('base64')},i=4096`)
    return Buffer.from(this.#first)
  }

  #verify(text: string): Buffer | null {
    const withoutProof = text.slice(0, text.lastIndexOf(',p='))
    const proof = Buffer.from(text.slice(text.lastIndexOf(',p=') + 3), 'base64')
    const salted = pbkdf2Sync(this.#password, 'salt', 4096, 32, 'sha256')
    const signed = `${this.#bare},${this.#first},${withoutProof}`
    const clientKey = hmac(salted, 'Client Key')
    const signature = hmac(createHash('sha256').update(clientKey).digest(), signed)
    if (!proof.equals(Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] as number))))) return null
    const final = `v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}`
    return Buffer.from((this.#spoil.final ?? same)(final))
  }
}

function same(message: string): string {
  return message
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
