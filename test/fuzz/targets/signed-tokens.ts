import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { Finding, type Target } from '../harness/target.js'
import { inside } from '../inside.js'

type JwtChecks = typeof import('../../../packages/broker/dist/src/security/tokens/jwt-check.js')
type KeySets = typeof import('../../../packages/broker/dist/src/security/tokens/key-set.js')
type Keys = typeof import('../../../packages/broker/dist/src/security/tokens/signing-keys.js')

const NOW = 1_700_000_000
/** Between header and claims. */
const BETWEEN = '\0'
/** Ed25519, of 32 zeros: what comes of it is the same in every run. */
const key = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32)]),
  format: 'der',
  type: 'pkcs8',
})
const jwk = { ...createPublicKey(key).export({ format: 'jwk' }), kid: 'one', alg: 'EdDSA', use: 'sig' }
const claims = { sub: 'alice', exp: NOW + 300, iat: NOW, iss: 'house', aud: ['rivven', 'other'] }
const rules = {
  keysAt: undefined,
  refreshMs: 1000,
  audience: ['rivven'],
  issuer: 'house',
  subjectClaim: 'sub',
  clockSkewSeconds: 30,
}
const clock = { now: () => NOW * 1000, monotonic: () => 0, setTimer: () => ({ cancel: () => undefined }) }

function signed(header: string, body: string): string {
  const content = `${Buffer.from(header).toString('base64url')}.${Buffer.from(body).toString('base64url')}`
  return `${content}.${sign(null, Buffer.from(content), key).toString('base64url')}`
}

/** What only who holds a key can send, and the sets of keys that it is checked with. */
export async function signedTokenTargets(): Promise<Target[]> {
  const { JwtCheck } = await inside<JwtChecks>('broker/src/security/tokens/jwt-check.js')
  const { loadKeySet } = await inside<KeySets>('broker/src/security/tokens/key-set.js')
  const { SigningKeys } = await inside<Keys>('broker/src/security/tokens/signing-keys.js')
  const checkWith = (document: Buffer) => {
    const world = { disk: { readFile: async () => document } } as never
    const load = () => loadKeySet({ file: 'keys.json' }, world)
    const keys = new SigningKeys({ load, refreshMs: 1000, clock, onTrouble: () => undefined })
    return { keys, check: new JwtCheck({ rules, keys, clock }) }
  }
  const { check } = checkWith(Buffer.from(JSON.stringify({ keys: [jwk] })))
  const header = JSON.stringify({ alg: 'EdDSA', kid: 'one' })
  const body = JSON.stringify(claims)
  const good = signed(header, body)
  return [
    {
      name: 'tokens/wrongly made and rightly signed',
      seeds: [
        [header, body],
        ['{"alg":"EdDSA"}', body],
        [header, JSON.stringify({ ...claims, aud: 'rivven', nbf: NOW })],
        [header, JSON.stringify({ ...claims, exp: 1e300 })],
        ['{"alg":"none"}', body],
        ['{"alg":"EdDSA","crit":["b64"],"b64":false}', body],
      ].map((parts) => Buffer.from(parts.join(BETWEEN))),
      words: ['"exp":', '"sub":', '"aud":', '"iss":', 'null', '[]', '{}', '1e999', '-1', '"alice"', '"kid":', '"alg":'],
      refusals: [],
      run: async (input) => {
        const [head = '', ...rest] = input.toString('latin1').split(BETWEEN)
        const verdict = await check.check(signed(head, rest.join(BETWEEN)))
        if (verdict.kind === 'wrong') return false
        if (!Number.isSafeInteger(verdict.expiresAt)) throw new Finding(`it ends at ${verdict.expiresAt}`)
        if (verdict.expiresAt < (NOW - rules.clockSkewSeconds) * 1000) throw new Finding('what is over was taken')
        if (verdict.user === '') throw new Finding('nobody came in')
        return true
      },
    },
    {
      name: 'tokens/sets of keys',
      seeds: [
        { keys: [jwk] },
        { keys: [{ ...jwk, kid: 'two' }, jwk] },
        { keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }] },
      ].map((set) => Buffer.from(JSON.stringify(set))),
      words: [
        '"keys":',
        '"kty":',
        '"OKP"',
        '"EC"',
        '"RSA"',
        '"oct"',
        '"crv":',
        '"x":',
        '"kid":',
        '"k":',
        '"d":',
        'null',
        '[]',
      ],
      refusals: [],
      mayAllocate: (input) => input.length * 64 + 256 * 1024,
      run: async (input) => {
        const { keys, check } = checkWith(input)
        const isSet = await keys.begin().then(
          () => true,
          (error: unknown) => {
            // Its message stands in a log.
            if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error
            return false
          },
        )
        const verdict = await check.check(good)
        if (!isSet && verdict.kind === 'right') throw new Finding('a set of keys that was refused was used')
        return isSet
      },
    },
  ]
}
