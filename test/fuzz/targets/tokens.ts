import { bearerMessage } from '../../conversations/bearer.js'
import { Finding, type Target } from '../harness/target.js'
import { inside } from '../inside.js'

type Bearers = typeof import('../../../packages/broker/dist/src/security/sasl/oauth-bearer.js')
type JwtChecks = typeof import('../../../packages/broker/dist/src/security/tokens/jwt-check.js')

const NOW = 1_700_000_000
const claims = { sub: 'alice', exp: NOW + 300, iat: NOW, iss: 'house', aud: ['rivven', 'other'], scope: 'a b' }

/** Messages of OAUTHBEARER and the tokens in them; nobody signs these, so that claims are looked at. */
export async function tokenTargets(): Promise<Target[]> {
  const { OAuthBearerServer } = await inside<Bearers>('broker/src/security/sasl/oauth-bearer.js')
  const { JwtCheck } = await inside<JwtChecks>('broker/src/security/tokens/jwt-check.js')
  const rules = {
    keysAt: undefined,
    refreshMs: 1000,
    audience: undefined,
    issuer: undefined,
    subjectClaim: 'sub',
    clockSkewSeconds: 30,
  }
  const clock = { now: () => NOW * 1000, monotonic: () => 0, setTimer: () => ({ cancel: () => undefined }) }
  const check = new JwtCheck({ rules, keys: null, clock })
  const strict = new JwtCheck({ rules: { ...rules, audience: ['rivven'], issuer: 'house' }, keys: null, clock })
  const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const tokens = [claims, { ...claims, exp: 1e300 }, { ...claims, sub: 5 }, { exp: NOW - 10 }].map(
    (one) => `${base64url({ alg: 'none' })}.${base64url(one)}.`,
  )
  const words = [
    'n,,',
    'a=',
    '\x01',
    'auth=Bearer ',
    '.',
    base64url({ alg: 'none' }),
    base64url({ alg: 'RS256' }),
    base64url(claims),
    '==',
    '-',
    '_',
  ]
  return [
    {
      name: 'tokens/messages of OAUTHBEARER',
      seeds: [bearerMessage({ claims }), bearerMessage({ claims, authzid: 'alice', extensions: { traceId: 'x' } })].map(
        (text) => Buffer.from(text),
      ),
      words,
      refusals: [],
      run: async (input) => {
        const step = await new OAuthBearerServer(check).next(input)
        if (step.kind === 'done' && step.user === '') throw new Finding('nobody came in')
        return step.kind === 'done'
      },
    },
    {
      name: 'tokens/JWT',
      seeds: tokens.map((text) => Buffer.from(text)),
      words,
      refusals: [],
      // What lies within base64url is JSON: it is changed before it is wrapped.
      mend: rewrapped,
      run: async (input) => {
        const [verdict] = await Promise.all([check.check(input.toString()), strict.check(input.toString())])
        if (verdict.kind === 'wrong') return false
        if (!Number.isSafeInteger(verdict.expiresAt)) throw new Finding(`it ends at ${verdict.expiresAt}`)
        if (verdict.expiresAt < NOW * 1000) throw new Finding('what is over was taken')
        return true
      },
    },
  ]
}

/** A change within the claims: the first byte of the token says which of them becomes what. */
function rewrapped(token: Buffer): Buffer {
  const [kind = 0] = token
  if (kind < 0x80 && kind % 4 !== 1) return token
  const values = [null, -1, 1e308, 'x', [], {}, true, NOW + 5, 2 ** 53, '']
  const keys = ['sub', 'exp', 'iat', 'nbf', 'aud', 'iss']
  const changed = { ...claims, [keys[token.length % keys.length]!]: values[(kind + token.length) % values.length] }
  return Buffer.from(
    `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(changed)).toString('base64url')}.`,
  )
}
