const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`)

/** An IPv6 address with all its digits, an IPv4 one at its end, and the name of an interface behind it. */
const MOST_LETTERS = 45 + 1 + 64

/** One spelling of an IP address, however it is written; undefined: the text is none. */
export function addressOf(text: string): string | undefined {
  if (text.length > MOST_LETTERS) return undefined
  if (!text.includes(':')) return ipv4.test(text) ? text : undefined
  // As sockets of both families name them.
  if (/^::ffff:\d+\./i.test(text)) return addressOf(text.slice('::ffff:'.length))
  const [address = ''] = text.split('%', 1)
  if (!/^[0-9a-f:.]+$/i.test(address) || !URL.canParse(`http://[${address}]`)) return undefined
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}
