import { isLoopback } from '../config/address.js'
import type { HttpListenerConfig } from '../config/http-listener.js'

/**
 * Is this Host header one that this address answers to? A web page can let its own name point to an address and then read what is
 * there (DNS rebinding); its requests still carry that name. On loopback that are the names of this machine, elsewhere those in
 * `http_allowed_hosts`. Probes and scrapers, which reach other machines by whatever name, are no browsers.
 */
export function isOwnName(
  host: string | undefined,
  { address, allowedHosts }: Pick<HttpListenerConfig, 'address' | 'allowedHosts'>,
  path: string,
): boolean {
  if (host === undefined) return false
  const name = nameIn(host)
  if (name === undefined) return false
  if (isLoopback(name) || allowedHosts === 'any' || allowedHosts.includes(name)) return true
  return !isLoopback(address.host) && !path.startsWith('/api')
}

/** Without the port. */
function nameIn(host: string): string | undefined {
  const [, inBrackets, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(host) ?? []
  return (inBrackets ?? plain)?.toLowerCase()
}
