import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock, settle } from '@rivven/fakes'
import type { BearerToken } from '../../src/security/sasl-options.js'
import { type HeldToken, heldToken, Tokens } from '../../src/security/tokens.js'

function scene(given: (count: number) => BearerToken | Error) {
  const clock = new FakeClock()
  let asked = 0
  const ask = async () => {
    const token = given(++asked)
    if (token instanceof Error) throw token
    return heldToken(token, clock)
  }
  return { clock, tokens: new Tokens(ask, clock), asked: () => asked }
}

function jwt(claims: object): string {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url')
  return `${part({ alg: 'none' })}.${part(claims)}.`
}

test('all connections share one token, and another is asked for when 80 % of its life are over', async () => {
  const { clock, tokens, asked } = scene((count) => ({ value: `t${count}`, lifetimeMs: 10_000 }))
  const values = await Promise.all([tokens.current(), tokens.current(), tokens.current()])
  assert.deepEqual(
    values.map(({ value }) => value),
    ['t1', 't1', 't1'],
  )
  await clock.advance(7999)
  assert.equal((await tokens.current()).value, 't1')
  await clock.advance(1)
  assert.equal((await tokens.current()).value, 't2')
  assert.equal(asked(), 2)
})

test('a token says itself how long it is good, where it can', async () => {
  const { clock, tokens, asked } = scene(() => ({ value: jwt({ exp: 1_700_000_100 }) }))
  assert.equal((await tokens.current()).endsAt, 100_000)
  await clock.advance(79_999)
  await tokens.current()
  assert.equal(asked(), 1)
})

test('one that says nothing of its life is asked for by each that logs in', async () => {
  const { tokens, asked } = scene(() => ({ value: 'opaque' }))
  await tokens.current()
  await tokens.current()
  assert.equal(asked(), 2)
})

test('while the old one is good a new one that cannot be had is no trouble', async () => {
  const { clock, tokens } = scene((count) => (count === 1 ? { value: 'old', lifetimeMs: 1000 } : new Error('down')))
  await tokens.current()
  await clock.advance(900)
  assert.equal((await tokens.current()).value, 'old')
  await clock.advance(100)
  await assert.rejects(tokens.current(), { code: 'AUTHENTICATION_FAILED', retriable: true, message: /down/ })
})

for (const [what, token] of Object.entries({
  nothing: undefined,
  'a text': 'token',
  'no value': {},
  'a value with a blank': { value: 'top secret' },
  'a value that ends the message': { value: 'a\x01' },
  'a life of no length': { value: 'a', lifetimeMs: 0 },
  'a token that is over': { value: jwt({ exp: 1 }) },
})) {
  test(`a function that gives ${what} has given no token`, async () => {
    const { tokens } = scene(() => token as BearerToken)
    await assert.rejects(
      tokens.current(),
      (error: Error) => /sasl\.token gave/.test(error.message) && !/secret/.test(error.message),
    )
  })
}

test('who follows is told of each token ahead of time, also after one could not be had', async () => {
  const given = ['t1', new Error('down'), 't2', 't3']
  const { clock, tokens } = scene((count) => {
    const next = given[count - 1]!
    return typeof next === 'string' ? { value: next, lifetimeMs: 100_000 } : next
  })
  const told: string[] = []
  const end = tokens.follow(({ value }: HeldToken) => told.push(value))
  await settle()
  assert.deepEqual(told, ['t1'])
  await clock.advance(80_000)
  await clock.advance(5000)
  assert.equal(told.at(-1), 't2')
  await clock.advance(80_000)
  assert.equal(told.at(-1), 't3')
  end()
  assert.equal(clock.pending, 0)
})
