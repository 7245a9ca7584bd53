import { SaslAuthenticate, SaslHandshake } from '@rivven/protocol'
import type { Chance } from '../../fuzz/harness/chance.js'
import { type Attack, WrongAnswer } from '../attackers/attack.js'

const encoded = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const claims = { sub: 'admin', aud: 'rivven', iss: 'https://house.example', exp: 4e9 }
const tokenOf = (header: unknown, payload: unknown = claims, signature = 'AAAA') =>
  `${encoded(header)}.${encoded(payload)}.${signature}`

const messages: readonly [string, (chance: Chance) => string][] = [
  ['no ^A', () => 'n,,auth=Bearer x'],
  ['alg: none', () => bearer(tokenOf({ alg: 'none' }, claims, ''))],
  ['a MAC where a signature should be', () => bearer(tokenOf({ alg: 'HS256' }))],
  ['a signature that is none', () => bearer(tokenOf({ alg: 'ES256', kid: 'house' }))],
  [
    'a key id that nobody knows',
    (chance) => bearer(tokenOf({ alg: 'ES256', kid: `made up ${chance.below(2 ** 32)}` })),
  ],
  ['a URL for its key', () => bearer(tokenOf({ alg: 'ES256', jku: 'http://127.0.0.1:1/keys' }))],
  ['an end that is no time', () => bearer(tokenOf({ alg: 'ES256' }, { ...claims, exp: 1e308 }))],
  ['objects in objects', () => bearer(tokenOf({ alg: 'ES256' }, `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`))],
  ['400 KB', () => bearer('x'.repeat(400_000))],
]

function bearer(token: string): string {
  return `n,,\x01auth=Bearer ${token}\x01\x01`
}

/** 58, or first what is wrong as JSON: then ^A is due, and 58. */
export const bearerAttacks: readonly Attack[] = messages.map(
  ([name, message]): Attack => ({
    row: 'S9',
    name: `a token with ${name}`,
    isStranger: true,
    async run(target) {
      const connection = await target.open('sasl')
      const { errorCode } = await connection.call(SaslHandshake, 1, { mechanism: 'OAUTHBEARER' })
      if (errorCode !== 0) throw new WrongAnswer(`SaslHandshake: ${errorCode}`)
      const first = await connection.call(SaslAuthenticate, 2, { authBytes: Buffer.from(message(target.chance)) })
      if (first.errorCode !== 0) return target.expect(first.errorCode, [58], name)
      const { errorCode: last } = await connection.call(SaslAuthenticate, 2, { authBytes: Buffer.from('\x01') })
      target.expect(last, [58], name)
    },
  }),
)
