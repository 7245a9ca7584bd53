import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

// The client's side of SCRAM (RFC 5802). Written here once more, apart from Rivven's own: a fault of one shows in the other.

export interface ScramMessages {
  /** SCRAM-SHA-256 or SCRAM-SHA-512. */
  mechanism: string
  clientFirst: string
  serverFirst: string
  password: string
}

/** What a conversation spoils in a client's last message. */
export interface Spoilt {
  nonce?: string
  nonceBefore?: string
  nonceBehind?: string
  channel?: string
  /** 'wrong' is the right one with one bit changed; anything else stands as it is. */
  proof?: string
}

export function saltedPassword(mechanism: string, password: string, salt: Buffer, iterations: number): Buffer {
  const hash = hashOf(mechanism)
  return pbkdf2Sync(password, salt, iterations, hash === 'sha256' ? 32 : 64, hash)
}

/** The client's last message, and what the server has to say to it. */
export function scramFinal(messages: ScramMessages, spoilt: Spoilt = {}): { message: string; serverFinal: string } {
  const { mechanism, clientFirst, serverFirst } = messages
  const { header, bare } = partsOf(clientFirst)
  const nonce = `${spoilt.nonceBefore ?? ''}${spoilt.nonce ?? attribute(serverFirst, 'r')}${spoilt.nonceBehind ?? ''}`
  const withoutProof = `c=${spoilt.channel ?? Buffer.from(header).toString('base64')},r=${nonce}`
  const authMessage = `${bare},${serverFirst},${withoutProof}`
  const salted = saltedOf(messages)
  const hmac = (key: Buffer, text: string) => createHmac(hashOf(mechanism), key).update(text).digest()
  const clientKey = hmac(salted, 'Client Key')
  const signature = hmac(createHash(hashOf(mechanism)).update(clientKey).digest(), authMessage)
  const proof = clientKey.map((byte, at) => byte ^ signature[at]!)
  return {
    message: `${withoutProof},p=${proofText(proof, spoilt.proof)}`,
    serverFinal: `v=${hmac(hmac(salted, 'Server Key'), authMessage).toString('base64')}`,
  }
}

function saltedOf({ mechanism, serverFirst, password }: ScramMessages): Buffer {
  const salt = Buffer.from(attribute(serverFirst, 's'), 'base64')
  return saltedPassword(mechanism, password, salt, Number(attribute(serverFirst, 'i')))
}

function proofText(right: Uint8Array, spoilt: string | undefined): string {
  if (spoilt !== undefined && spoilt !== 'wrong') return spoilt
  if (spoilt === 'wrong') right[0]! ^= 1
  return Buffer.from(right).toString('base64')
}

/** `n,[a=authzid],` and what is signed. */
function partsOf(clientFirst: string): { header: string; bare: string } {
  const end = clientFirst.indexOf(',', clientFirst.indexOf(',') + 1) + 1
  return { header: clientFirst.slice(0, end), bare: clientFirst.slice(end) }
}

function attribute(message: string, name: string): string {
  const found = message.split(',').find((part) => part.startsWith(`${name}=`))
  if (found === undefined) throw new Error(`no ${name}= in ${message}`)
  return found.slice(2)
}

function hashOf(mechanism: string): 'sha256' | 'sha512' {
  return mechanism === 'SCRAM-SHA-512' ? 'sha512' : 'sha256'
}
