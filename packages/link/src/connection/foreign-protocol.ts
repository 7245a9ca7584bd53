/**
 * What the other end speaks, going by the size of its first frame: where Kafka has four bytes of size others begin with words
 * of their own. undefined: it may be Kafka's protocol, gone wrong.
 */
export function foreignProtocol(size: number): string | undefined {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(size)
  const text = bytes.toString('latin1')
  if (text === 'HTTP') return 'HTTP'
  if (text === 'SSH-') return 'SSH'
  // An alert (0x15) or a handshake (0x16) of TLS, version 3.x.
  if ((bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 0x03) return 'TLS'
  return undefined
}
