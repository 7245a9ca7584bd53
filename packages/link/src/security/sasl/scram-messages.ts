import { SaslError } from './sasl-client.js'

/** What the server says first: both nonces, and how the password is salted. */
export interface ServerFirst {
  readonly nonce: string
  readonly salt: Buffer
  readonly iterations: number
}

const base64 = '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?'
const serverFirst = new RegExp(`^r=([\\x21-\\x2b\\x2d-\\x7e]+),s=(${base64}),i=([0-9]{1,10})(?:,.*)?$`, 's')
const serverFinal = new RegExp(`^v=(${base64})(?:,.*)?$`, 's')

/** More than any nonce, salt and extension need. */
const mostBytes = 16 * 1024

export function readServerFirst(message: Buffer): ServerFirst {
  const [, nonce = '', salt = '', iterations = ''] = match(serverFirst, message)
  if (salt === '') throw nonsense()
  return { nonce, salt: Buffer.from(salt, 'base64'), iterations: Number(iterations) }
}

/** The server's signature. */
export function readServerFinal(message: Buffer): Buffer {
  const refusal = /^e=([\x21-\x2b\x2d-\x7e]{1,100})/.exec(message.toString('utf8', 0, 128))
  if (refusal) throw new SaslError(`it says ${refusal[1]}`)
  const [, signature = ''] = match(serverFinal, message)
  return Buffer.from(signature, 'base64')
}

/** A name as it is written between commas. */
export function saslName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

function match(form: RegExp, message: Buffer): RegExpExecArray {
  const found = message.length > mostBytes ? null : form.exec(message.toString())
  if (!found) throw nonsense()
  return found
}

function nonsense(): SaslError {
  return new SaslError('its message makes no sense')
}
