import { isLoopback } from '../config/address.js'

/**
 * Is this Host header one of this machine? A web page can let its own name point to 127.0.0.1 and then read what is there
 * (DNS rebinding); its requests still carry that name.
 */
export function isOwnName(host: string | undefined): boolean {
  if (host === undefined) return false
  const name = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(host)
  return name !== null && isLoopback((name[1] ?? name[2] ?? '').toLowerCase())
}
