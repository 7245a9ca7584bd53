import type { Address } from '@rivven/runtime'

/** `host:port`, with brackets around an IPv6 address. */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.host === b.host && a.port === b.port
}
