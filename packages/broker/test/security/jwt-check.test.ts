import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeDisk, noWeb } from '@rivven/runtime'
import { TokenChecks } from '../../src/security/tokens/token-checks.js'
import type { TokenRules } from '../../src/security/tokens/token-rules.js'
import { TestClock } from '../coordinator/test-clock.js'
import { type Claims, keySet, TokenIssuer, unsigned } from './token-issuer.js'

const clock = new TestClock()
const seconds = Math.floor(clock.now() / 1_000)
const issuer = new TokenIssuer()
const good: Claims = { sub: 'alice', iss: 'https://id.example', aud: 'rivven', iat: seconds, exp: seconds + 600 }

const rules: TokenRules = {
  keysAt: { file: 'keys.json' },
  refreshMs: 3_600_000,
  audience: ['rivven'],
  issuer: 'https://id.example',
  subjectClaim: 'sub',
  clockSkewSeconds: 30,
}

/** A check by those rules, with the keys of some issuers. */
function checkWith(over: Partial<TokenRules> = {}, issuers: readonly TokenIssuer[] = [issuer]) {
  const disk = { ...nodeDisk, readFile: async () => keySet(...issuers) }
  return new TokenChecks({ clock, disk, web: noWeb }, assert.fail).of({ ...rules, ...over })
}

const without = (name: string): Claims => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name))

test('a token that is good is its subject, until it is over', async () => {
  const verdict = await checkWith().check(issuer.token(good))
  assert.deepEqual(verdict, { kind: 'right', user: 'alice', expiresAt: 1_000 * (seconds + 600) })
})

for (const alg of ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
  test(`tokens may be signed with ${alg}`, async () => {
    const other = new TokenIssuer('k2', alg)
    assert.equal((await checkWith({}, [issuer, other]).check(other.token(good))).kind, 'right')
    const forged = other
      .token(good)
      .replace(/\.[^.]+$/, (signature) => signature.replace(/[^.]/, (c) => (c === 'A' ? 'B' : 'A')))
    assert.deepEqual(await checkWith({}, [issuer, other]).check(forged), {
      kind: 'wrong',
      why: 'the signature of the token is wrong',
    })
  })
}

const right: [what: string, token: string, over?: Partial<TokenRules>][] = [
  ['for several, us among them', issuer.token({ ...good, aud: ['other', 'rivven'] })],
  ['for the second of those we are', issuer.token({ ...good, aud: 'b' }), { audience: ['a', 'b'] }],
  ['for anybody, where that may be', issuer.token(without('aud')), { audience: undefined }],
  ['of any issuer, where that may be', issuer.token(without('iss')), { issuer: undefined }],
  ['that does not say since when', issuer.token(without('iat'))],
  [
    'whose beginning is ahead by less than clocks may differ',
    issuer.token({ ...good, nbf: seconds + 29, iat: seconds + 29 }),
  ],
  ['with an end of parts of a second', issuer.token({ ...good, exp: seconds + 10.5 })],
  ['with another claim as name', issuer.token({ ...good, client_id: 'alice', sub: 5 }), { subjectClaim: 'client_id' }],
  [
    'that names where its keys would be',
    issuer.token(good, { jku: 'https://evil.example', x5u: 'https://evil.example' }),
  ],
]
for (const [what, token, over] of right) {
  test(`a token ${what} is good`, async () => {
    const verdict = await checkWith(over).check(token)
    assert.equal(verdict.kind === 'right' ? verdict.user : verdict.why, 'alice')
  })
}

const stranger = new TokenIssuer('k1')
const unknown = new TokenIssuer('k9')
const deep = (of: string) => of.repeat(5_000)
const wrong: [what: string, token: string, why: RegExp, over?: Partial<TokenRules>][] = [
  ['that nobody signed', unsigned(good), /not signed in a way that is taken/],
  ['signed with the public key as a secret', issuer.signedWithThePublicKey(good), /not signed in a way that is taken/],
  ['signed with an algorithm that there is not', issuer.token(good, { alg: 'XX' }), /not signed in a way/],
  ['signed with another key of the same id', stranger.token(good), /signature/],
  ['that brings its own key', stranger.token(good, { jwk: stranger.jwk }), /signature/],
  ['signed with an unknown key', unknown.token(good), /key that is not known/],
  ['of another issuer', issuer.token({ ...good, iss: 'https://id.example/' }), /\(iss\)/],
  ['without an issuer', issuer.token(without('iss')), /\(iss\)/],
  ['for somebody else', issuer.token({ ...good, aud: 'rivve' }), /\(aud\)/],
  ['for nobody', issuer.token({ ...good, aud: [] }), /\(aud\)/],
  ['without an audience', issuer.token(without('aud')), /\(aud\)/],
  ['that is over', issuer.token({ ...good, exp: seconds - 30 }), /is over/],
  ['without an end', issuer.token(without('exp')), /exp is missing/],
  [
    'with an end that is text',
    issuer.token({ ...good, exp: String(seconds + 600) }),
    /exp is missing or makes no sense/,
  ],
  ['that ends when no date is', issuer.token(JSON.stringify(good).replace(/"exp":\d+/, '"exp":1e308')), /no date/],
  ['that ends at infinity', issuer.token(JSON.stringify(good).replace(/"exp":\d+/, '"exp":1e999')), /no date/],
  ['that ends long before all time', issuer.token({ ...good, exp: -1e308 }), /is over/],
  ['without a subject', issuer.token(without('sub')), /sub is missing/],
  ['with an empty subject', issuer.token({ ...good, sub: '' }), /sub is no name/],
  ['whose subject is a number', issuer.token({ ...good, sub: 5 }), /sub is no name/],
  ['whose subject is a list', issuer.token({ ...good, sub: ['alice'] }), /sub is no name/],
  ['that does not count yet', issuer.token({ ...good, nbf: seconds + 31 }), /\(nbf\)/],
  ['of a time to come', issuer.token({ ...good, iat: seconds + 31 }), /\(iat\)/],
  ['with what must be understood', issuer.token(good, { crit: ['b64'], b64: false }), /no JWT|in a way/],
  ['that is a list', issuer.token('[]'), /no JWT/],
  ['that is not JSON', issuer.token('{"sub":'), /no JWT/],
  ['that is nested 5,000 deep', issuer.token(`{"a":${deep('[')}${deep(']')}}`), /\(iss\)/],
  ['that is nested and does not end', issuer.token(deep('[')), /no JWT/],
  ['whose header is nested', issuer.signed(`{"alg":"ES256","x":${deep('[')}${deep(']')}}`, '{}'), /\(iss\)/],
  ['that is too long', issuer.token({ ...good, more: 'x'.repeat(16_384) }), /more than 16384 characters/],
  ['of two parts', issuer.token(good).replace(/\.[^.]+$/, ''), /no JWT/],
  ['of five parts, encrypted', `${issuer.token(good)}.a.b`, /no JWT/],
  ['without a signature', issuer.token(good).replace(/[^.]+$/, ''), /signature/],
  ['that is nothing', '', /no JWT/],
  ['of dots', '..', /no JWT/],
  ['of a prototype', issuer.token(good), /__proto__ is/, { subjectClaim: '__proto__' }],
]
for (const [what, token, why, over] of wrong) {
  test(`a token ${what} is refused`, async () => {
    const verdict = await checkWith(over).check(token)
    assert.match(verdict.kind === 'wrong' ? verdict.why : 'right', why)
  })
}

test('a token that ended while clocks may differ counts as long as they may', async () => {
  const verdict = await checkWith().check(issuer.token({ ...good, exp: seconds - 10 }))
  assert.deepEqual(verdict, { kind: 'right', user: 'alice', expiresAt: 1_000 * (seconds + 20) })
})

test('a token that names no key is tried with those that may have signed it, eight at most', async () => {
  const nameless = Array.from({ length: 9 }, () => new TokenIssuer(''))
  const kinds = await Promise.all(
    nameless.map(async (one) => (await checkWith({}, nameless).check(one.token(good, { kid: undefined }))).kind),
  )
  assert.deepEqual(kinds, [...Array(8).fill('right'), 'wrong'])
})

test('reasons show nothing of the token', async () => {
  for (const [, token, , over] of wrong) {
    const verdict = await checkWith(over).check(token)
    assert.doesNotMatch(verdict.kind === 'wrong' ? verdict.why : '', /alice|example|rivve/)
  }
})

test('unsigned tokens are taken where that was asked for, and then no others', async () => {
  const check = checkWith({ keysAt: undefined, audience: undefined, issuer: undefined })
  assert.equal((await check.check(unsigned({ sub: 'alice', exp: seconds + 5 }))).kind, 'right')
  assert.equal((await check.check(unsigned({ sub: 'alice', exp: seconds + 5 }, 'abc'))).kind, 'wrong')
  assert.equal((await check.check(issuer.token(good))).kind, 'wrong')
  assert.equal((await check.check(unsigned({ sub: 'alice' }))).kind, 'wrong')
})
