import type { Address } from '@rivven/runtime'
import { formatAddress, isLoopback, parseAddress } from './address.js'
import type { BrokerConfig } from './broker-config.js'
import { ConfigError } from './config-error.js'

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
