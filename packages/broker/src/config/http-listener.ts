import type { Address } from '@rivven/runtime'
import { isLoopback, parseAddress } from './address.js'
import type { BrokerConfig } from './broker-config.js'

/** What may be seen over HTTP without a password. */
export type HttpShown = 'everything' | 'health and metrics' | 'health'

export interface HttpListenerConfig {
  readonly address: Address
  readonly shown: HttpShown
}

/**
 * Where HTTP is served, and what of it; undefined: nowhere. Other machines see whether the broker lives, and no more unless
 * somebody says so: there are no passwords on it yet.
 */
export function httpListenerOf(config: BrokerConfig): HttpListenerConfig | undefined {
  if (config.http === '' || config.http === 'off') return undefined
  const address = parseAddress(config.http, 'http')
  if (isLoopback(address.host) || config.allow_anonymous) return { address, shown: 'everything' }
  return { address, shown: config.http_anonymous === 'health' ? 'health' : 'health and metrics' }
}
