import { saslText, unescaped } from './sasl-text.js'

// RFC 5802 section 7, read strictly: names are UTF-8, nonces printable ASCII without a comma.
const printable = '[\\x21-\\x2b\\x2d-\\x7e]+'
const saslName = '(?:[^,=\\0]|=2C|=3D)+'
const extensions = '(?:,[A-Za-z]+=[^,\\0]+)*'
const base64 = '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?'

// Channel binding (`y`, `p=`) is not offered, and `m=` says that there is something a server must understand.
const clientFirst = new RegExp(`^(n,(?:a=(${saslName}))?,)(n=(${saslName}),r=(${printable})(${extensions}))$`, 'u')
const clientFinal = new RegExp(`^(c=(${base64}),r=(${printable})${extensions}),p=(${base64})$`, 'u')

/** More than any name and nonce need. */
const mostBytes = 65_536

export interface ClientFirst {
  /** All before the bare message: client-final repeats it as channel binding. */
  readonly gs2Header: string
  readonly authorizationId: string
  readonly user: string
  readonly nonce: string
  /** As it came, extensions included: it is signed. */
  readonly bare: string
  readonly extensions: ReadonlyMap<string, string>
}

export function readClientFirst(token: Uint8Array): ClientFirst | undefined {
  const found = match(clientFirst, token)
  if (found === null) return undefined
  const [, gs2Header = '', authorizationId = '', bare = '', user = '', nonce = '', rest = ''] = found
  const extensions = new Map(rest.split(',').flatMap((text) => (text === '' ? [] : [nameAndValue(text)])))
  return {
    gs2Header,
    authorizationId: unescaped(authorizationId),
    user: unescaped(user),
    nonce,
    bare,
    extensions,
  }
}

export interface ClientFinal {
  /** Base64, as it came. */
  readonly channelBinding: string
  readonly nonce: string
  readonly proof: Buffer
  /** As it came, extensions included: it is signed. */
  readonly withoutProof: string
}

export function readClientFinal(token: Uint8Array): ClientFinal | undefined {
  const found = match(clientFinal, token)
  if (found === null) return undefined
  const [, withoutProof = '', channelBinding = '', nonce = '', proof = ''] = found
  return { channelBinding, nonce, proof: Buffer.from(proof, 'base64'), withoutProof }
}

function match(form: RegExp, token: Uint8Array): RegExpExecArray | null {
  const text = token.byteLength > mostBytes ? undefined : saslText(token)
  return text === undefined ? null : form.exec(text)
}

function nameAndValue(text: string): [string, string] {
  const at = text.indexOf('=')
  return [text.slice(0, at), text.slice(at + 1)]
}
