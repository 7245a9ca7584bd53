import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ScramServer, SeededRandom } from '@rivven/fakes'
import type { Hashing } from '@rivven/runtime'
import { inlineHashing } from '@rivven/runtime'
import { SaslError } from '../../src/security/sasl/sasl-client.js'
import { Scram } from '../../src/security/sasl/scram.js'

interface Exchange {
  mechanism: string
  user: string
  password: string
  clientFirst: string
  serverFirst: string
  clientFinal: string
  serverFinal: string
}

const vectors = join(import.meta.dirname, '../../../../broker/test/vectors/scram.json')
const { exchanges } = JSON.parse(readFileSync(vectors, 'utf8')) as { exchanges: Exchange[] }

/** A mechanism whose nonces are this one. */
function withNonce(nonce: string, { mechanism, user, password }: Exchange): Scram {
  const digest = mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512'
  const halves = [nonce, '']
  const random = { next: () => 0, uuid: () => halves.shift() ?? '' }
  return new Scram({ digest, username: user, password }, { random, hashing: inlineHashing })
}

test('the exchanges of Kafka’s own classes come out byte for byte', async () => {
  assert.ok(exchanges.length > 0)
  // Clients of other makes send extensions.
  for (const exchange of exchanges.filter(({ clientFirst }) => !clientFirst.includes(',ext='))) {
    const [, nonce = ''] = /,r=([^,]+)/.exec(exchange.clientFirst) ?? []
    const mechanism = withNonce(nonce, exchange)
    assert.equal(mechanism.name, exchange.mechanism)
    const attempt = mechanism.attempt()
    assert.equal(String(await attempt.begin()), exchange.clientFirst)
    assert.equal(String(await attempt.answer(Buffer.from(exchange.serverFirst))), exchange.clientFinal)
    assert.equal(await attempt.answer(Buffer.from(exchange.serverFinal)), null)
  }
})

/** One that counts how often it was made to work. */
function scene(password = 'own-secret') {
  let derived = 0
  const hashing: Hashing = {
    pbkdf2: (...given) => {
      derived++
      return inlineHashing.pbkdf2(...given)
    },
  }
  const mechanism = new Scram(
    { digest: 'sha256', username: 'alice', password },
    { random: new SeededRandom(1), hashing },
  )
  return { mechanism, derived: () => derived }
}

/** Speaks with the server until one of both has had enough. */
async function logIn(mechanism: Scram, server: ScramServer): Promise<boolean> {
  const attempt = mechanism.attempt()
  let message: Buffer | null = await attempt.begin()
  while (message) {
    const answer = server.answer(message)
    if (!answer) return false
    message = await attempt.answer(answer)
  }
  return true
}

test('the right password logs in, another does not', async () => {
  assert.equal(await logIn(scene().mechanism, new ScramServer('own-secret')), true)
  assert.equal(await logIn(scene('other-secret').mechanism, new ScramServer('own-secret')), false)
})

test('the salted password is computed once for a salt', async () => {
  const { mechanism, derived } = scene()
  const server = new ScramServer('own-secret')
  for (let round = 0; round < 5; round++) assert.ok(await logIn(mechanism, server))
  assert.equal(derived(), 1)
  const other = new ScramServer('own-secret', { first: (message) => message.replace(/i=\d+/, 'i=5000') })
  await logIn(mechanism, other)
  assert.equal(derived(), 2)
})

test('each attempt has a nonce of its own', async () => {
  const { mechanism } = scene()
  const firsts = await Promise.all(Array.from({ length: 20 }, () => mechanism.attempt().begin()))
  assert.equal(new Set(firsts.map(String)).size, 20)
  for (const first of firsts) assert.match(String(first), /^n,,n=alice,r=[0-9a-f]{24,}$/)
})

const lies: Record<string, (message: string) => string> = {
  'the nonce of somebody else': () => 'r=somebodyelse,s=c2FsdA==,i=4096',
  'our nonce with something in front': (message) => message.replace('r=', 'r=x'),
  'our nonce and nothing of its own': (message) => message.replace('theirs', ''),
  'one iteration': (message) => message.replace('i=4096', 'i=1'),
  '4095 iterations': (message) => message.replace('i=4096', 'i=4095'),
  '1,000,001 iterations': (message) => message.replace('i=4096', 'i=1000001'),
  '2^31 iterations': (message) => message.replace('i=4096', 'i=2147483648'),
  'iterations that are no number': (message) => message.replace('i=4096', 'i=4096x'),
  'negative iterations': (message) => message.replace('i=4096', 'i=-1'),
  'no salt': (message) => message.replace(/s=[^,]*/, 's='),
  'a salt that is no base64': (message) => message.replace(/s=[^,]*/, 's=***'),
  'an extension that must be understood': (message) => `m=more,${message}`,
  'a mebibyte': (message) => `${message},x=${'y'.repeat(1 << 20)}`,
  nothing: () => '',
  'bytes of nonsense': () => '\0\xff\xfe',
}

for (const [what, first] of Object.entries(lies)) {
  test(`a server that answers with ${what} gets no proof, and nothing is computed for it`, async () => {
    const { mechanism, derived } = scene()
    await assert.rejects(logIn(mechanism, new ScramServer('own-secret', { first })), SaslError)
    assert.equal(derived(), 0)
  })
}

const endings: Record<string, (message: string) => string> = {
  'no signature': () => 'v=',
  'the signature of somebody else': () => `v=${Buffer.alloc(32).toString('base64')}`,
  'half a signature': (message) => `v=${Buffer.from(message.slice(2), 'base64').subarray(0, 16).toString('base64')}`,
  'an error': () => 'e=invalid-proof',
  'the first message once more': () => 'r=a,s=c2FsdA==,i=4096',
  nothing: () => '',
}

for (const [what, final] of Object.entries(endings)) {
  test(`a server that ends with ${what} is not believed`, async () => {
    await assert.rejects(logIn(scene().mechanism, new ScramServer('own-secret', { final })), SaslError)
  })
}

test('a server that does not know the password cannot pass for one that does', async () => {
  const attempt = scene().mechanism.attempt()
  const impostor = new ScramServer('guessed')
  await attempt.answer(impostor.answer(await attempt.begin())!)
  await assert.rejects(attempt.answer(Buffer.from(`v=${Buffer.alloc(32, 7).toString('base64')}`)), /signature is wrong/)
})
