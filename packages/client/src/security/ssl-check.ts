import { createPrivateKey, X509Certificate } from 'node:crypto'
import { type Check, checks, type Misfit } from '@rivven/config'
import { isFile, type PemSource, type SslOptions } from '@rivven/link'
import { hidden, hiddenText, isPlainObject } from './hidden.js'

const { fitting, flag, object, oneOf, optional, text } = checks

const isCertificate = (value: unknown) => isPem(value, /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/)
const isKey = (value: unknown) => isPem(value, /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/)

function isPem(value: unknown, begin: RegExp): boolean {
  if (typeof value === 'string') return begin.test(value)
  return value instanceof Uint8Array && begin.test(Buffer.from(value).toString('latin1'))
}

const fileHint = "A file is written { file: 'name.pem' }."

function pem(what: string, fits: (value: unknown) => boolean): Check {
  const file = object<{ file: string }>({ file: text })
  const inPlace = hidden(`${what} in PEM, or the file of one`, fits, fileHint)
  return (value, name) =>
    isPlainObject(value) && !(value instanceof Uint8Array) ? file(value, name) : inPlace(value, name)
}

const certificate = pem('a certificate', isCertificate)

const fields = object<SslOptions>(
  {
    ca: optional((value, name) => {
      const all = Array.isArray(value) ? value : [value]
      return all.map((one) => certificate(one, name)).find((misfit) => misfit !== undefined)
    }),
    cert: optional(certificate),
    key: optional(pem('a private key', isKey)),
    passphrase: optional(hiddenText),
    servername: optional(text),
    endpointIdentificationAlgorithm: optional(oneOf('https', 'none')),
    rejectUnauthorized: optional(
      fitting('true', (value) => value === true, 'Give the certificate of the authority as ca: then it is known.'),
    ),
  },
  {
    otherNames: {
      pfx: 'Write cert and key, in PEM: openssl pkcs12 -in FILE -nodes shows them.',
      checkServerIdentity: "Write servername, or endpointIdentificationAlgorithm: 'none'.",
    },
  },
)

/** The option `ssl`. What is given in place is read, too; files are when a connection is opened. */
export const sslCheck: Check = (value, name) => {
  if (value instanceof Uint8Array || !isPlainObject(value))
    return (
      flag(value, name) &&
      hidden('true, false or an object', () => false, `As in ${name}: { ca: { file: 'ca.pem' } }.`)(value, name)
    )
  return fields(value, name) ?? togetherCheck(value as SslOptions, name)
}

function togetherCheck({ ca, cert, key, passphrase }: SslOptions, name: string): Misfit | undefined {
  if ((cert === undefined) !== (key === undefined))
    return { text: `${name} has ${cert ? 'cert without key' : 'key without cert'}.`, hint: 'Give both.' }
  if (passphrase !== undefined && key === undefined)
    return { text: `${name} has a passphrase and no key that it opens.` }
  return (
    unreadable(Array.isArray(ca) ? ca : [ca], `${name}.ca`, (pem) => new X509Certificate(pem)) ??
    unreadable([cert], `${name}.cert`, (pem) => new X509Certificate(pem)) ??
    unreadable([key], `${name}.key`, (pem) =>
      createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) }),
    )
  )
}

function unreadable(
  sources: readonly (PemSource | undefined)[],
  name: string,
  read: (pem: Buffer) => unknown,
): Misfit | undefined {
  for (const source of sources) {
    if (source === undefined || isFile(source)) continue
    try {
      read(Buffer.from(source as Uint8Array))
    } catch (error) {
      return { text: `${name} cannot be read: ${(error as Error).message}.`, hint: 'A locked key needs passphrase.' }
    }
  }
  return undefined
}
