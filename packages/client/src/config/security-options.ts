import { ConfigError, passwordOf, type Secret } from '@rivven/config'
import type { SecurityOptions, SslOptions } from '@rivven/link'
import { mechanismNames, mechanismOf, type SaslOptions } from '@rivven/link'
import type { Disk } from '@rivven/runtime'
import type { Said } from './said.js'
import { tokenLogin } from './token-file.js'

const protocols = ['plaintext', 'ssl', 'sasl_plaintext', 'sasl_ssl'] as const
type Protocol = (typeof protocols)[number]

/** The options `ssl` and `sasl` as keys say them. Throws ConfigError where these contradict each other or say too little. */
export async function securityOptions(said: Said, disk: Pick<Disk, 'readFile'>): Promise<SecurityOptions> {
  const protocol = protocolOf(said)
  if (!protocol.endsWith('ssl')) refuse(said, 'ssl_', 'ssl or sasl_ssl')
  if (!protocol.startsWith('sasl')) refuse(said, 'sasl_', 'sasl_ssl, or sasl_plaintext in a network that you trust')
  return {
    ...(protocol.endsWith('ssl') && { ssl: sslOptions(said) }),
    ...(protocol.startsWith('sasl') && { sasl: await saslOptions(said, disk) }),
  }
}

function protocolOf(said: Said): Protocol {
  const written = said.text('security_protocol') ?? 'plaintext'
  const protocol = protocols.find((name) => name === written.toLowerCase())
  if (protocol) return protocol
  throw new ConfigError(`security_protocol is ${JSON.stringify(written)}: it must be one of ${protocols.join(', ')}.`)
}

/** Silence is no protection: what is said about encryption or logins must not be left unused. */
function refuse(said: Said, prefix: string, needed: string): void {
  const key = said.anyOf(prefix)
  if (key === undefined) return
  const protocol = said.text('security_protocol')
  const is = protocol === undefined ? 'security_protocol is not' : `security_protocol is ${protocol}`
  throw new ConfigError(`${key} is set, and ${is}. Set security_protocol to ${needed}, or leave the other out.`)
}

function sslOptions(said: Said): true | SslOptions {
  const [ca, cert, key] = (['ssl_ca_location', 'ssl_certificate_location', 'ssl_key_location'] as const).map((name) => {
    const file = said.text(name)
    return file === undefined ? undefined : { file }
  })
  if ((cert === undefined) !== (key === undefined))
    throw new ConfigError('ssl_certificate_location and ssl_key_location go together: set both, or neither.')
  const passphrase = said.secret('ssl_key_password')
  if (passphrase !== undefined && !key) throw new ConfigError('ssl_key_password is set without ssl_key_location.')
  const name = said.text('ssl_endpoint_identification_algorithm')?.toLowerCase() ?? 'https'
  if (name !== 'https' && name !== 'none')
    throw new ConfigError('ssl_endpoint_identification_algorithm must be https or none.')
  if (!ca && !cert && name === 'https') return true
  const options: SslOptions = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
  if (name === 'none') options.endpointIdentificationAlgorithm = name
  return passphrase === undefined ? options : withSecret(options, 'passphrase', passphrase)
}

async function saslOptions(said: Said, disk: Pick<Disk, 'readFile'>): Promise<SaslOptions> {
  const written = said.text('sasl_mechanism')
  const mechanism = mechanismOf(written)
  if (mechanism === undefined)
    throw new ConfigError(
      `sasl_mechanism is ${written === undefined ? 'not set' : JSON.stringify(written)}: it must be one of ${mechanismNames.join(', ')}.`,
    )
  if (mechanism === 'oauthbearer') return tokenLogin(said, disk)
  const token = said.anyOf('sasl_token')
  if (token !== undefined) throw new ConfigError(`${token} is set, and sasl_mechanism is ${mechanism}. Leave one out.`)
  const username = said.text('sasl_username')
  if (!username) throw new ConfigError('sasl_username is not set: say who logs in.')
  const password = said.secret('sasl_password') ?? (await passwordIn(said.text('sasl_password_file'), disk))
  if (!password?.reveal())
    throw new ConfigError('No password is set: give sasl_password_file, or RIVVEN_SASL_PASSWORD.')
  return withSecret({ mechanism, username }, 'password', password)
}

async function passwordIn(file: string | undefined, disk: Pick<Disk, 'readFile'>): Promise<Secret | undefined> {
  if (file === undefined) return undefined
  const content = await disk.readFile(file).catch((error: Error) => {
    throw new ConfigError(`sasl_password_file cannot be read: ${error.message}.`)
  })
  return passwordOf(content, `sasl_password_file ${file}`)
}

/** With a secret that neither a log of the options nor their JSON shows, and that is revealed to whoever reads the field. */
function withSecret<Rest extends object, Name extends string>(
  rest: Rest,
  name: Name,
  secret: Secret,
): Rest & Record<Name, string> {
  return Object.defineProperty(rest, name, { get: () => secret.reveal(), enumerable: false }) as Rest &
    Record<Name, string>
}
