import { RivvenError } from '../errors/errors.js'

const unknownAuthority =
  'If an authority of your own signed it, give that one’s certificate: ssl: { ca: { file } }, or ssl_ca_location.'
const plainListener = 'Leave ssl out if the listener there has no TLS, or give the port of one that has.'
const ownCertificate = 'Give a certificate that the broker knows: ssl.cert and ssl.key.'
const unreadable = 'ssl.ca, ssl.cert and ssl.key are PEM, and the key belongs to the certificate.'

/** What to do, by what OpenSSL or Node says. The first that fits counts. */
const hints: readonly (readonly [RegExp, string])[] = [
  [/SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_UNTRUSTED|INVALID_CA/, unknownAuthority],
  [/ALTNAME_INVALID/, 'Connect by a name that it bears, or say with ssl.servername which one is right.'],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, 'The broker needs another one, or the clock of this machine is wrong.'],
  [/ALERT_(PROTOCOL_VERSION|INSUFFICIENT)|UNSUPPORTED_PROTOCOL/, 'Both sides must speak TLS 1.2 or later.'],
  [/ALERT/, ownCertificate],
  [/WRONG_VERSION|PACKET_LENGTH|UNKNOWN_PROTOCOL|HTTP_REQUEST|BAD_RECORD|UNEXPECTED_MESSAGE|EPROTO/, plainListener],
  [/OSSL|PEM|KEY_VALUES|X509/, unreadable],
]

/** A broker was reached, and no encrypted connection came of it: nobody but people can mend that. */
export function tlsFailed(where: string, cause: Error & { code?: string | undefined }): RivvenError {
  const code = cause.code ?? ''
  const hint = hints.find(([says]) => says.test(code))?.[1]
  const text = `No encrypted connection to ${where}: ${reasonOf(cause)}${code === '' ? '' : ` (${code})`}.`
  return new RivvenError('TLS_FAILED', text, { hint: hint ?? plainListener, cause, facts: { address: where } })
}

/** Whether an open connection broke for a reason of TLS: in version 1.3 the broker looks at our certificate that late. */
export function isTlsAlert(error: unknown): error is Error & { code: string } {
  return /^ERR_SSL_/.test(String((error as { code?: unknown } | undefined)?.code))
}

function reasonOf(cause: Error): string {
  if (/ALTNAME_INVALID/.test(String((cause as { code?: unknown }).code)))
    return `its certificate is for ${namesIn(cause)}`
  // OpenSSL's own lines bear addresses and files of its source.
  const [, plainWords] = /^(?:[0-9A-F]+:)?error:[0-9A-F]+:[^:]*:[^:]*:([^:]*)/.exec(cause.message) ?? []
  return (plainWords ?? cause.message).trim().replace(/[.:]$/, '')
}

/** Of a certificate that bears other names; the error of a handshake has Node's in its `cause`. */
function namesIn(error: Error): string {
  const { cert } = (error.cause ?? error) as { cert?: { subjectaltname?: string } }
  return cert?.subjectaltname?.replaceAll(/\b(DNS|IP Address):/g, '') || 'another name'
}
