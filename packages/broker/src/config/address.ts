import type { Address } from '@rivven/runtime'
import { ConfigError } from './config-error.js'

export { addressText as formatAddress } from '@rivven/runtime'

/** Reads `host:port`, `[::1]:port` or `:port` (all interfaces); `key` names the setting in the error. */
export function parseAddress(text: string, key: string): Address {
  const match = /^(?:[A-Z_]+:\/\/)?(?:\[([0-9a-fA-F:.]+)\]|([^:/[\]\s\p{Cc}]*)):(\d{1,5})$/u.exec(text.trim())
  const port = Number(match?.[3])
  if (!match || port > 65_535) {
    throw new ConfigError(`${key} is '${text}', which is no address: write host:port, for example 127.0.0.1:9092.`)
  }
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port }
}

/** Can only this machine reach it? */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** Addresses that mean "all interfaces": a client cannot connect to them. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
