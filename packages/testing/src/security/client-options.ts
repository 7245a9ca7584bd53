import type { BrokerConfig, OpenListener } from '@rivven/broker'
import { checks } from '@rivven/config'
import { addressText } from '@rivven/runtime'
import { authority } from '../certificates/authority.js'
import { invalidArgument, refuseMisfit } from '../rivven-testing-error.js'
import { type Mechanism, mechanismCheck } from './security-options.js'

/** How a client of Rivven connects as a user; others take the parts of it. */
export interface ClientOptions {
  bootstrapServers: string
  /** PEM: whom to trust, and the user's certificate where the broker asks for one. */
  ssl?: { ca: string; cert?: string; key?: string }
  sasl?: Login
}

/** A union, as the types of kafkajs want it. */
export type Login = { [Name in Mechanism]: { mechanism: Name; username: string; password: string } }[Mechanism]

/** Which way to connect, where there are several. */
export interface ClientWay {
  /** Default: the first of `mechanisms`. */
  mechanism?: Mechanism
  /** The name of a listener of `config.listeners`; default: the first. */
  listener?: string
}

const { object, optional, text } = checks
const wayCheck = object<ClientWay>({ mechanism: optional(mechanismCheck), listener: optional(text) })
const userCheck = optional(text)

/** What it takes to connect to a broker that runs. */
export interface ClientPlaces {
  readonly config: BrokerConfig
  readonly listeners: readonly OpenListener[]
  /** By user. */
  readonly passwords: ReadonlyMap<string, string>
}

export function clientOptions(places: ClientPlaces, user?: string, way: ClientWay = {}): ClientOptions {
  refuseMisfit(userCheck(user, 'the user of clientOptions') ?? wayCheck(way, 'the second argument of clientOptions'))
  const listener = listenerNamed(places.listeners, way.listener)
  const { protocol, address } = listener
  return {
    bootstrapServers: addressText(address),
    ...(/SSL$/.test(protocol) && { ssl: sslOf(places, listener, user) }),
    ...(/^SASL/.test(protocol) && { sasl: saslOf(places, listener, { user, mechanism: way.mechanism }) }),
  }
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
  { config, passwords }: ClientPlaces,
  { name }: OpenListener,
  { user, mechanism }: { user: string | undefined; mechanism: Mechanism | undefined },
): Login {
  const password = user === undefined ? undefined : passwords.get(user)
  if (user === undefined || password === undefined) {
    const names = [...passwords.keys()].map((known) => `'${known}'`).join(', ')
    const text = user === undefined ? 'Clients of this broker log in.' : `Nobody knows a password of '${user}'.`
    throw invalidArgument(text, names === '' ? 'Name users in security.users.' : `Write clientOptions with ${names}.`)
  }
  const enabled = config.listenerValues.get(name)?.sasl_enabled_mechanisms ?? config.sasl_enabled_mechanisms
  const [first = ''] = enabled.split(',')
  return { mechanism: mechanism ?? first.trim().toLowerCase(), username: user, password } as Login
}
