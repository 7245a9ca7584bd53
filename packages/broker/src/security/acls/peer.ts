import { ANY_HOST, ANY_PRINCIPAL } from './acl.js'

/** Somebody on a connection, as ACLs may name them. */
export interface Peer {
  readonly principal: string
  readonly host: string
  /** All texts for the principal that an ACL may have. */
  readonly principals: readonly string[]
  readonly hosts: readonly string[]
}

/** `principal` as `Type:name`, `host` as the socket has it, IPv4 without `::ffff:`. */
export function peerOf(principal: string, host: string): Peer {
  return { principal, host, principals: [principal, ANY_PRINCIPAL], hosts: [...spellings(host), ANY_HOST] }
}

/** Kafka knows an IPv6 address only as Java prints it, and ACLs that were made for Kafka have it like that. */
function spellings(host: string): string[] {
  if (!host.includes(':')) return [host]
  const java = javaAddress(host)
  return java === host ? [host] : [host, java]
}

/** Eight groups, none left out: `::1` is `0:0:0:0:0:0:0:1`. What follows a `%` is the interface. */
function javaAddress(host: string): string {
  const [address = '', zone] = host.split('%', 2)
  const [front = '', back] = address.split('::', 2)
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const [first, last] = [groups(front), groups(back ?? '')]
  const zeros = back === undefined ? [] : Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0')
  const full = [...first, ...zeros, ...last].map((group) => group.replace(/^0+(?=.)/, '')).join(':')
  return zone === undefined ? full : `${full}%${zone}`
}
