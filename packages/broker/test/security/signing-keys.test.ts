import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeDisk } from '@rivven/runtime'
import { TokenChecks } from '../../src/security/tokens/token-checks.js'
import { TestClock } from '../coordinator/test-clock.js'
import { keySet, TokenIssuer } from './token-issuer.js'

const url = new URL('https://id.example/keys')
const rules = {
  keysAt: { url },
  refreshMs: 600_000,
  audience: undefined,
  issuer: undefined,
  subjectClaim: 'sub',
  clockSkewSeconds: 30,
}

/** A check of tokens whose keys are at an address, which counts how often it is asked. */
class Rig {
  readonly clock = new TestClock()
  readonly warnings: string[] = []
  answer: () => Promise<Buffer>
  asked = 0
  readonly #checks: TokenChecks

  constructor(answer: () => Promise<Buffer>) {
    this.answer = answer
    const get = () => {
      this.asked++
      return this.answer()
    }
    this.#checks = new TokenChecks({ clock: this.clock, disk: nodeDisk, web: { get } }, (text) =>
      this.warnings.push(text),
    )
  }

  async check(issuer: TokenIssuer, header = {}): Promise<string> {
    const exp = this.clock.now() / 1_000 + 86_400
    const verdict = await this.#checks.of(rules).check(issuer.token({ sub: 'alice', exp }, header))
    return verdict.kind === 'right' ? verdict.user : verdict.why
  }
}

const first = new TokenIssuer('first')
const second = new TokenIssuer('second')
const failing = () => Promise.reject(new Error('connection refused'))
const noKeys = 'the keys that tokens are signed with cannot be had at the moment'
const notKnown = 'the token is signed with a key that is not known'

test('keys are asked for with the first token, once for all who wait, and kept', async () => {
  const rig = new Rig(async () => keySet(first))
  assert.equal(rig.asked, 0)
  assert.deepEqual(await Promise.all([rig.check(first), rig.check(first)]), ['alice', 'alice'])
  rig.clock.pass(599_000)
  assert.deepEqual([await rig.check(first), rig.asked], ['alice', 1])
})

test('a thousand tokens with unknown keys cause one request in 30 s', async () => {
  const rig = new Rig(async () => keySet(first))
  await rig.check(first)
  rig.clock.pass(30_000)
  const strangers = Array.from({ length: 1_000 }, (_, at) => rig.check(first, { kid: `made up ${at}` }))
  assert.deepEqual([...new Set(await Promise.all(strangers))], [notKnown])
  assert.equal(rig.asked, 2)
})

test('a new key counts with the first token that names it', async () => {
  const rig = new Rig(async () => keySet(first))
  await rig.check(first)
  rig.answer = async () => keySet(first, second)
  rig.clock.pass(29_999)
  assert.equal(await rig.check(second), notKnown)
  rig.clock.pass(1)
  assert.deepEqual([await rig.check(second), await rig.check(first), rig.asked], ['alice', 'alice', 2])
})

test('a key that is taken away counts no more when the keys have been read anew', async () => {
  const rig = new Rig(async () => keySet(first, second))
  await rig.check(first)
  rig.answer = async () => keySet(second)
  rig.clock.pass(600_000)
  // Who comes first does not wait for it.
  assert.equal(await rig.check(first), 'alice')
  assert.deepEqual([await rig.check(first), await rig.check(second), rig.asked], [notKnown, 'alice', 2])
})

test('while there is no answer the old keys count, and it is asked for every 30 s', async () => {
  const rig = new Rig(async () => keySet(first))
  await rig.check(first)
  rig.answer = failing
  rig.clock.pass(600_000)
  for (const [after, asked] of [
    [0, 2],
    [29_999, 2],
    [1, 3],
    [30_000, 4],
  ] as const) {
    rig.clock.pass(after)
    assert.deepEqual([await rig.check(first), rig.asked], ['alice', asked])
  }
})

test('without keys nobody comes in, a warning says why, and it is not asked again at once', async () => {
  const rig = new Rig(failing)
  assert.deepEqual([await rig.check(first), await rig.check(first), rig.asked], [noKeys, noKeys, 1])
  assert.deepEqual(rig.warnings, ['the keys of tokens at https://id.example/keys cannot be had: connection refused'])
  rig.answer = async () => keySet(first)
  rig.clock.pass(30_000)
  assert.deepEqual([await rig.check(first), rig.asked], ['alice', 2])
})

const unusable: [what: string, content: string, because: RegExp][] = [
  ['no JSON', '<html>', /is not JSON/],
  ['another document', '{"issuer":"x"}', /no set of keys/],
  ['null', 'null', /no set of keys/],
  ['a set with something else in it', '{"keys":["x"]}', /no set of keys/],
  ['an empty set', '{"keys":[]}', /no key/],
  ['private keys', JSON.stringify({ keys: [first.privateJwk] }), /private keys/],
  ['a secret', '{"keys":[{"kty":"oct","k":"AAAA"}]}', /private keys/],
]
for (const [what, content, because] of unusable) {
  test(`${what} in the place of keys is told and lets nobody in`, async () => {
    const rig = new Rig(async () => Buffer.from(content))
    assert.equal(await rig.check(first), noKeys)
    assert.match(rig.warnings.join(), because)
  })
}

test('keys that make no sense are no keys, and others beside them count', async () => {
  const odd = { kty: 'EC', crv: 'P-256', x: 'AA', y: 5, kid: 'odd' }
  const rig = new Rig(async () => Buffer.from(JSON.stringify({ keys: [odd, {}, first.jwk] })))
  assert.equal(await rig.check(first), 'alice')
  assert.notEqual(await rig.check(new TokenIssuer('odd')), 'alice')
})
