import { bits, der, octets, oid, sequence, yes } from './der.js'

/** What the certificate of an authority says beyond name and key (RFC 5280, 4.2): what clients that check strictly want. */
export function authorityExtensions(keyId: Uint8Array): Buffer[] {
  return [
    critical('2.5.29.19', sequence(yes)),
    // It signs certificates, and lists of those that count no more.
    critical('2.5.29.15', bits(Buffer.of(0b0000_0110), 1)),
    extension('2.5.29.14', octets(keyId)),
  ]
}

/** The same of a broker or a client, signed with the issuer's key. */
export function peerExtensions(keyId: Uint8Array, issuerKeyId: Uint8Array): Buffer[] {
  return [
    critical('2.5.29.19', sequence()),
    // It signs handshakes, as a server or a client.
    critical('2.5.29.15', bits(Buffer.of(0b1000_0000), 7)),
    extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))),
    extension('2.5.29.14', octets(keyId)),
    extension('2.5.29.35', sequence(der(0x80, issuerKeyId))),
  ]
}

/** By which names this machine knows itself: `localhost`, 127.0.0.1 and ::1. */
export function localNames(): Buffer {
  const addresses = [Buffer.of(127, 0, 0, 1), Buffer.of(...Array(15).fill(0), 1)]
  const names = [der(0x82, Buffer.from('localhost')), ...addresses.map((address) => der(0x87, address))]
  return extension('2.5.29.17', sequence(...names))
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), octets(value))
}

/** Whoever does not understand it must not take the certificate. */
function critical(id: string, value: Buffer): Buffer {
  return sequence(oid(id), yes, octets(value))
}
