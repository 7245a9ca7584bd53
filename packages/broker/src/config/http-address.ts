import type { Address } from '@rivven/runtime'
import { parseAddress } from './address.js'
import type { BrokerConfig } from './broker-config.js'

/** Undefined: HTTP is served nowhere. Throws ConfigError. */
export function httpAddressOf({ http }: Pick<BrokerConfig, 'http'>): Address | undefined {
  return http === '' || http === 'off' ? undefined : parseAddress(http, 'http')
}
