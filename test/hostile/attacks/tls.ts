import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { ApiVersions } from '@rivven/protocol'
import { hex } from '../../malformed/inputs/frames.js'
import { pem } from '../../support/certificates.js'
import { type Attack, WrongAnswer } from '../attackers/attack.js'
import type { Target } from '../attackers/target.js'

/** Until the broker closes; a TLS alert may come before. */
async function closedByBroker(target: Target, socket: Socket): Promise<void> {
  socket.on('error', () => undefined)
  const leave = () => socket.destroy()
  target.signal.addEventListener('abort', leave)
  socket.resume()
  // An error on the way to it is none here.
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  target.signal.removeEventListener('abort', leave)
  target.saw('closed')
}

async function bytesEnd(target: Target, ...pieces: readonly Buffer[]): Promise<void> {
  const socket = connectTcp(target.ports.saslSsl, '127.0.0.1')
  for (const piece of pieces) socket.write(piece)
  await closedByBroker(target, socket)
}

const hello = hex('1603010200010001fc0303')

const helloes: readonly [string, readonly Buffer[]][] = [
  ['a hello that is cut short', [hello]],
  ['nothing', []],
  ['a hello of 64 KiB', [hex('160301ffff0100fffb0303'), Buffer.alloc(64 * 1024, 7)]],
  ['rubbish', [Buffer.alloc(1_000, 0xff)]],
  ['HTTP', [Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
  ['a request in the clear', [hex('0000000a0012000000000007ffff')]],
  ['SSLv3', [hex('1603000025010000210300'), Buffer.alloc(34)]],
]

const bad = helloes.map(
  ([name, pieces]): Attack => ({ row: 'S1', name, isStranger: true, run: (target) => bytesEnd(target, ...pieces) }),
)

/** A handshake that must fail. */
async function isRefused(
  target: Target,
  options: ConnectionOptions,
  place: 'ssl' | 'saslSsl' | 'strict' = 'ssl',
): Promise<void> {
  const where = { port: target.ports[place], host: '127.0.0.1', servername: 'localhost', ca: pem('ca.pem') }
  const socket = connectTls({ ...where, ...options })
  socket.on('data', () => target.saw('answered'))
  await closedByBroker(target, socket)
}

const others: Attack[] = [
  {
    row: 'S1',
    name: 'a hello, a byte a second',
    weight: 3,
    isStranger: true,
    async run(target) {
      const socket = connectTcp(target.ports.saslSsl, '127.0.0.1')
      const closed = closedByBroker(target, socket)
      for (let at = 0; !socket.destroyed && at < hello.length; at++) {
        socket.write(hello.subarray(at, at + 1))
        await target.pause(1_000)
      }
      await closed
    },
  },
  {
    row: 'S1',
    name: 'TLS 1.0 and 1.1',
    isStranger: true,
    run: (target) => {
      const version = target.chance.pick(['TLSv1', 'TLSv1.1'] as const)
      return isRefused(target, { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' }, 'saslSsl')
    },
  },
  {
    row: 'S1',
    name: 'names that are odd, or always others',
    isStranger: true,
    async run(target) {
      const odd = [
        'x'.repeat(255),
        'a..b',
        '__proto__',
        '*',
        'constructor.',
        `host-${target.chance.below(1e9)}.example`,
      ]
      const servername = target.chance.pick(odd)
      const connection = await target.open('ssl', { servername, checkServerIdentity: () => undefined })
      target.expect((await connection.call(ApiVersions, 0, {})).errorCode, [0], 'ApiVersions')
    },
  },
  {
    row: 'S1',
    name: 'a record that is damaged behind the handshake',
    isStranger: true,
    async run(target) {
      const near = connectTcp(target.ports.saslSsl, '127.0.0.1').on('error', () => undefined)
      await once(near, 'connect')
      const far = connectTls({ socket: near, servername: 'localhost', ca: pem('ca.pem') }).on('error', () => undefined)
      await Promise.race([once(far, 'secureConnect'), once(near, 'close')])
      if (!near.destroyed) near.write(hex(`1703030040${'00'.repeat(64)}`))
      await closedByBroker(target, near)
    },
  },
  {
    row: 'S1',
    name: 'handshakes that end at once, ten at a time',
    connections: 10,
    isStranger: true,
    async run(target) {
      const all = await target.openMany(10, 'saslSsl')
      for (const connection of all) connection.destroy()
      target.saw('left')
    },
  },
]

const shown = (name: string, more = '') => ({ cert: pem(`${name}.pem`) + more, key: pem(`${name}.key`) })
/** Behind another one, a chain of 100. */
const crowd = pem('over.pem').repeat(99)

const refused: readonly [name: string, place: 'ssl' | 'strict', options: ConnectionOptions][] = [
  ['no certificate', 'ssl', {}],
  ['a certificate that is over', 'ssl', shown('over')],
  ['a certificate of another authority', 'strict', shown('client')],
  ['a certificate that is revoked', 'strict', shown('revoked')],
  ['a certificate that is not valid yet', 'strict', shown('early')],
  ['a certificate of another authority, and 99 behind it', 'strict', shown('client', crowd)],
]

/** The first one is good, and nobody needs the others. */
const admitted: readonly [name: string, place: 'ssl' | 'strict', options: ConnectionOptions][] = [
  ['a certificate with 1,000 names', 'strict', shown('crowded')],
  ['a good certificate, and 99 behind it', 'ssl', shown('client', crowd)],
]

const certificates: Attack[] = [
  ...refused.map(([name, place, options]): Attack => {
    return { row: 'S2', name, isStranger: true, run: (target) => isRefused(target, options, place) }
  }),
  ...admitted.map(([name, place, options]): Attack => {
    const run = async (target: Target) => {
      const connection = await target.open(place, options)
      const { errorCode } = await connection.call(ApiVersions, 0, {})
      if (errorCode !== 0) throw new WrongAnswer(`ApiVersions: ${errorCode}`)
      target.saw('answered')
    }
    return { row: 'S2', name, isStranger: true, run }
  }),
]

export const tlsAttacks: readonly Attack[] = [...bad, ...others, ...certificates]
