import type { BrokerConfig, OpenListener } from '@rivven/broker'
import { checks } from '@rivven/config'
import { addressText } from '@rivven/runtime'
import { authority } from '../certificates/authority.js'
import { invalidArgument, refuseMisfit } from '../rivven-testing-error.js'
import { type Mechanism, mechanismCheck, type PasswordMechanism } from './security-options.js'

/** How a client of Rivven connects as a user; others take the parts of it. */
export interface ClientOptions {
  bootstrapServers: string
  /** PEM: whom to trust, and the user's certificate where the broker asks for one. */
  ssl?: { ca: string; cert?: string; key?: string }
  sasl?: Login
}

/** A union, as the types of kafkajs want it. */
export type Login = {
  [Name in PasswordMechanism]: { mechanism: Name; username: string; password: string }
}[PasswordMechanism]

/** The same with a token; other clients call it otherwise, and take one of `security.tokenFor`. */
export interface TokenClientOptions extends Omit<ClientOptions, 'sasl'> {
  sasl: TokenLogin
}

export interface TokenLogin {
  mechanism: 'oauthbearer'
  token: () => Promise<{ value: string }>
}

/** Which way to connect, where there are several. */
export interface ClientWay {
  /** Default: the first of `mechanisms` with passwords. */
  mechanism?: PasswordMechanism
  /** The name of a listener of `config.listeners`; default: the first. */
  listener?: string
}

export interface TokenWay extends Omit<ClientWay, 'mechanism'> {
  mechanism: 'oauthbearer'
}

const { object, optional, text } = checks
const wayCheck = object<{ mechanism?: Mechanism; listener?: string }>({
  mechanism: optional(mechanismCheck),
  listener: optional(text),
})
const userCheck = optional(text)

/** What it takes to connect to a broker that runs. */
export interface ClientPlaces {
  readonly config: BrokerConfig
  readonly listeners: readonly OpenListener[]
  /** By user. */
  readonly passwords: ReadonlyMap<string, string>
  readonly tokenFor: (user: string) => string
}

export function clientOptions(
  places: ClientPlaces,
  user?: string,
  way: ClientWay | TokenWay = {},
): ClientOptions | TokenClientOptions {
  refuseMisfit(userCheck(user, 'the user of clientOptions') ?? wayCheck(way, 'the second argument of clientOptions'))
  const listener = listenerNamed(places.listeners, way.listener)
  const { protocol, address } = listener
  return {
    bootstrapServers: addressText(address),
    ...(/SSL$/.test(protocol) && { ssl: sslOf(places, listener, user) }),
    ...(/^SASL/.test(protocol) && { sasl: saslOf(places, listener, { user, mechanism: way.mechanism }) }),
  } as ClientOptions | TokenClientOptions
}

function listenerNamed(listeners: readonly OpenListener[], wanted: string | undefined): OpenListener {
  const found = wanted === undefined ? listeners[0] : listeners.find(({ name }) => name === wanted.toUpperCase())
  if (found) return found
  const names = listeners.map(({ name }) => name).join(', ')
  throw invalidArgument(`This broker has no listener ${wanted}.`, `There is ${names}.`)
}

function sslOf({ config }: ClientPlaces, { name }: OpenListener, user: string | undefined) {
  const { ca } = authority()
  const asks = config.listenerValues.get(name)?.ssl_client_auth ?? config.ssl_client_auth
  return user === undefined || asks === 'none' ? { ca } : { ca, ...authority().certFor(user) }
}

function saslOf(
  { config, passwords, tokenFor }: ClientPlaces,
  { name }: OpenListener,
  { user, mechanism }: { user: string | undefined; mechanism: Mechanism | undefined },
): Login | TokenLogin {
  const enabled = mechanismsOf(
    config.listenerValues.get(name)?.sasl_enabled_mechanisms ?? config.sasl_enabled_mechanisms,
  )
  if (mechanism === 'oauthbearer') {
    if (user !== undefined) return { mechanism, token: async () => ({ value: tokenFor(user) }) }
    throw invalidArgument('A token names a user.', "Write clientOptions('alice', { mechanism: 'oauthbearer' }).")
  }
  const first = enabled.find((name) => name !== 'oauthbearer')
  if (mechanism === undefined && first === undefined)
    throw invalidArgument(
      'This broker takes tokens alone.',
      "Write clientOptions('alice', { mechanism: 'oauthbearer' }), or give another client a token of security.tokenFor('alice').",
    )
  const password = user === undefined ? undefined : passwords.get(user)
  if (user === undefined || password === undefined) {
    const names = [...passwords.keys()].map((known) => `'${known}'`).join(', ')
    const text = user === undefined ? 'Clients of this broker log in.' : `Nobody knows a password of '${user}'.`
    throw invalidArgument(text, names === '' ? 'Name users in security.users.' : `Write clientOptions with ${names}.`)
  }
  return { mechanism: mechanism ?? first, username: user, password } as Login
}

function mechanismsOf(text: string): string[] {
  return text.split(',').map((name) => name.trim().toLowerCase())
}
