import type { Address } from '@rivven/runtime'
import { formatAddress, isLoopback, isWildcard, parseAddress } from './address.js'
import type { BrokerConfig } from './broker-config.js'
import { ConfigError } from './config-error.js'

export interface Listeners {
  readonly listen: Address
  /** Undefined: clients are told the address that is listened on. */
  readonly advertised: Address | undefined
}

/** Where HTTP is served; undefined: nowhere. Throws ConfigError where that would be unsafe. */
export function httpListenerOf(config: BrokerConfig): Address | undefined {
  if (config.http === '' || config.http === 'off') return undefined
  const http = parseAddress(config.http, 'http')
  if (isLoopback(http.host) || config.allow_anonymous) return http
  throw new ConfigError(
    `http is ${formatAddress(http)}, which other machines can reach, and whoever asks needs no password. ` +
      'Serve it on 127.0.0.1, or set allow_anonymous to true if everybody who can reach it may read and write everything.',
  )
}

/** Where to listen and what to tell clients. Throws ConfigError where that would be unsafe or could not work. */
export function listenersOf(config: BrokerConfig): Listeners {
  const listen = parseAddress(config.listen, 'listen')
  const advertised = config.advertised_listeners ? advertisedAddress(config.advertised_listeners) : undefined
  if (!isLoopback(listen.host) && !config.allow_anonymous) {
    throw new ConfigError(
      `listen is ${formatAddress(listen)}, which other machines can reach, and clients would need no password. ` +
        'Listen on 127.0.0.1, or set allow_anonymous to true if everybody who can reach it may read and write everything.',
    )
  }
  if (isWildcard(listen.host) && !advertised) {
    throw new ConfigError(
      `listen is ${formatAddress(listen)}, which clients cannot connect to. ` +
        `Set advertised_listeners to an address that they can reach, for example my-host:${listen.port || 9092}.`,
    )
  }
  return { listen, advertised }
}

/** An address that means something on another machine. */
function advertisedAddress(text: string): Address {
  const address = parseAddress(text, 'advertised_listeners')
  if (!isWildcard(address.host) && address.port !== 0) return address
  throw new ConfigError(
    `advertised_listeners is '${text}', which clients cannot connect to: it needs the name or address of this machine ` +
      'as they know it, and a port, for example my-host:9092.',
  )
}
