import { ApiVersions, allApis, SaslAuthenticate, SaslHandshake } from '@rivven/protocol'
import { type Spoilt, scramFinal } from '../../conversations/scram.js'
import { frameOf, int32, requestHeader } from '../../malformed/inputs/frames.js'
import { badTokens, plainOf } from '../../malformed/inputs/tokens.js'
import type { Attack } from '../attackers/attack.js'
import type { HostileConnection } from '../attackers/hostile-connection.js'
import type { Target } from '../attackers/target.js'
import { passwords } from '../places.js'

const open = new Set([ApiVersions.key, SaslHandshake.key])
const strangers = allApis.filter(({ key }) => !open.has(key))

async function handshake(target: Target, mechanism: string): Promise<HostileConnection> {
  const connection = await target.open('sasl')
  await connection.call(SaslHandshake, 1, { mechanism })
  return connection
}

const tokenCode = async (connection: HostileConnection, authBytes: Buffer) =>
  (await connection.call(SaslAuthenticate, 2, { authBytes })).errorCode

const tokens = badTokens.map(
  ([row, mechanism, token]): Attack => ({
    row,
    name: `${mechanism} with ${JSON.stringify(token.toString('latin1').slice(0, 24))}`,
    isStranger: true,
    async run(target) {
      const connection = await handshake(target, mechanism)
      target.expect(await tokenCode(connection, token), [58], mechanism)
      await connection.closed()
    },
  }),
)

const clientFirst = 'n,,n=mallory,r=abcdefghijklmnop'
const spoilt: readonly [string, Spoilt][] = [
  ['another nonce', { nonce: 'another' }],
  ['something before the nonce', { nonceBefore: 'x' }],
  ['something behind the nonce', { nonceBehind: 'x' }],
  ['another channel', { channel: 'eSws' }],
  ['a proof that is wrong', { proof: 'wrong' }],
  ['a proof that is short', { proof: 'AAAA' }],
]

const finals = spoilt.map(
  ([what, how]): Attack => ({
    row: 'S8',
    name: `SCRAM with ${what}`,
    isStranger: true,
    async run(target) {
      const mechanism = 'SCRAM-SHA-256'
      const connection = await handshake(target, mechanism)
      const first = await connection.call(SaslAuthenticate, 2, { authBytes: Buffer.from(clientFirst) })
      const serverFirst = first.authBytes.toString()
      const { message } = scramFinal({ mechanism, clientFirst, serverFirst, password: passwords.mallory }, how)
      target.expect(await tokenCode(connection, Buffer.from(message)), [58], what)
    },
  }),
)

const others: Attack[] = [
  {
    row: 'S3',
    name: 'every API before the login',
    weight: 5,
    isStranger: true,
    async run(target) {
      const { key, versions } = target.chance.pick(strangers)
      const version = versions.min + target.chance.below(versions.max - versions.min + 2)
      const connection = await target.open('sasl')
      connection.send(frameOf(...requestHeader(key, version), Buffer.alloc(40, 0xff)))
      await target.expectClosed(connection, `API ${key}, version ${version}`)
    },
  },
  {
    row: 'S3',
    name: 'a frame too large for a login',
    isStranger: true,
    async run(target) {
      const size = target.chance.pick([524_289, 0x7fffffff, 0, -1])
      const connection = await target.open('sasl')
      connection.send(int32(size))
      await target.expectClosed(connection, `a frame of ${size}`)
    },
  },
  {
    row: 'S4',
    name: 'strangers that say nothing',
    connections: 25,
    weight: 2,
    isStranger: true,
    run: (target) => waitForEnd(target, 25, Number.POSITIVE_INFINITY),
  },
  {
    row: 'S4',
    name: 'strangers that say a byte every 5 s',
    connections: 25,
    weight: 2,
    isStranger: true,
    run: (target) => waitForEnd(target, 25, 5_000),
  },
  {
    row: 'S5',
    name: 'a mechanism that is none',
    isStranger: true,
    async run(target) {
      const mechanism = target.chance.pick(['', 'plain', 'GSSAPI', 'x'.repeat(32 * 1024 - 1), 'PLAIN '])
      const connection = await target.open('sasl')
      target.expect((await connection.call(SaslHandshake, 1, { mechanism })).errorCode, [33], 'SaslHandshake')
      await connection.closed()
    },
  },
  {
    row: 'S8',
    name: 'the first message twice',
    isStranger: true,
    async run(target) {
      const connection = await handshake(target, 'SCRAM-SHA-256')
      await tokenCode(connection, Buffer.from(clientFirst))
      target.expect(await tokenCode(connection, Buffer.from(clientFirst)), [58], 'the second')
    },
  },
  {
    row: '36',
    name: 'a token before its handshake',
    isStranger: true,
    async run(target) {
      const connection = await target.open('sasl')
      connection
        .call(SaslAuthenticate, 2, { authBytes: plainOf('', 'mallory', passwords.mallory) })
        .catch(() => undefined)
      await target.expectClosed(connection, 'a token')
    },
  },
  {
    row: '36',
    name: 'wrong passwords of a user that is, and of one that is not',
    weight: 4,
    isStranger: true,
    async run(target) {
      const connection = await handshake(target, 'PLAIN')
      const user = target.chance.pick(['mallory', 'admin', `nobody-${target.chance.below(1e9)}`])
      target.expect(
        await tokenCode(connection, plainOf('', user, `guess-${target.chance.below(1e9)}`)),
        [58],
        'the login',
      )
    },
  },
  {
    row: '36',
    name: 'a login that is left in the middle',
    isStranger: true,
    async run(target) {
      const connection = await handshake(target, target.chance.pick(['PLAIN', 'SCRAM-SHA-512']))
      connection.call(SaslAuthenticate, 2, { authBytes: plainOf('', 'mallory', 'wrong') }).catch(() => undefined)
      target.saw('left')
    },
  },
]

/** Until the broker has had enough of them. */
async function waitForEnd(target: Target, count: number, everyMs: number): Promise<void> {
  const connections = await target.openMany(count, 'sasl')
  const isOver = Promise.all(
    connections.map((connection) => connection.closed(90_000).then(() => target.saw('closed'))),
  )
  let isWaiting = true
  const end = isOver.finally(() => {
    isWaiting = false
  })
  if (everyMs < Number.POSITIVE_INFINITY) void drip()
  await end

  async function drip(): Promise<void> {
    // The length of a frame, and then its bytes.
    const bytes = Buffer.concat([int32(1_000), Buffer.alloc(1_000)])
    for (let at = 0; isWaiting && !target.signal.aborted; at++) {
      for (const connection of connections) connection.send(bytes.subarray(at, at + 1), 0)
      await target.pause(everyMs)
    }
  }
}

export const loginAttacks: readonly Attack[] = [...tokens, ...finals, ...others]
