import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { Broker } from '@rivven/broker'
import { ErrorCode, Metadata, SaslAuthenticate, SaslHandshake } from '@rivven/protocol'
import { exportSPKI } from 'jose'
import { ownBroker } from '../support/own-broker.js'
import { RawConnection } from '../support/raw-connection.js'
import { TokenHouse } from '../support/token-house.js'

// Tokens that nobody would send who means well (security.md §16, S9). After each somebody else can still log in.
let house: TokenHouse
let broker: Broker
before(async () => {
  house = await TokenHouse.open()
  broker = await ownBroker({
    listeners: 'SASL_PLAINTEXT://127.0.0.1:0',
    sasl_enabled_mechanisms: 'OAUTHBEARER',
    connection_failed_authentication_delay_ms: 0,
    ...house.brokerKeys,
  })
})
after(async () => {
  await logsIn()
  await broker.close()
  house.close()
})

async function logsIn(): Promise<void> {
  const connection = await connected()
  assert.equal((await said(connection, first(await house.token('alice')))).errorCode, ErrorCode.NONE)
  assert.equal((await connection.call(Metadata, 9, { topics: [] })).topics.length, 0)
  connection.destroy()
}

const first = (token: string) => `n,,\x01auth=Bearer ${token}\x01\x01`
const said = (connection: RawConnection, text: string) =>
  connection.call(SaslAuthenticate, 2, { authBytes: Buffer.from(text) })

async function connected(): Promise<RawConnection> {
  const connection = await RawConnection.open(broker.address.port)
  await connection.call(SaslHandshake, 1, { mechanism: 'OAUTHBEARER' })
  return connection
}

/** A connection on which it is told that the token is none. */
async function isTold(token: string): Promise<RawConnection> {
  const connection = await connected()
  const { errorCode, authBytes } = await said(connection, first(token))
  assert.deepEqual([errorCode, authBytes.toString()], [ErrorCode.NONE, '{"status":"invalid_token"}'])
  return connection
}

/** The status, then error 58, then the end. */
async function isRefused(token: string): Promise<void> {
  const connection = await isTold(token)
  const last = await said(connection, '\x01')
  assert.equal(last.errorCode, ErrorCode.SASL_AUTHENTICATION_FAILED)
  assert.doesNotMatch(last.errorMessage ?? '', /alice/)
  await connection.closed()
}

const unsigned = (claims: object) =>
  ['{"alg":"none"}', JSON.stringify(claims), ''].map((part) => Buffer.from(part).toString('base64url')).join('.')

/** As if the public key, which everybody may know, were a secret. */
async function signedWithThePublicKey(): Promise<string> {
  const [, claims = ''] = (await house.token('alice')).split('.')
  const text = `${Buffer.from('{"alg":"HS256","kid":"house"}').toString('base64url')}.${claims}`
  return `${text}.${createHmac('sha256', await exportSPKI(house.publicKey))
    .update(text)
    .digest('base64url')}`
}

const seconds = () => Math.floor(Date.now() / 1_000)
const refused: [what: string, token: () => string | Promise<string>][] = [
  ['that nobody signed', () => unsigned({ sub: 'alice', aud: 'rivven', exp: seconds() + 60 })],
  ['signed with the public key as a secret', signedWithThePublicKey],
  ['of another issuer', () => house.token('alice', { iss: 'https://other.example' })],
  ['for another audience', () => house.token('alice', { aud: 'other' })],
  ['that is over', () => house.token('alice', { exp: seconds() - 60 })],
  ['without an end', () => house.token('alice', { exp: null })],
  ['that ends at 1e308', () => house.token('alice', { exp: 1e308 })],
  ['without a subject', () => house.token('alice', { sub: null })],
  ['nested 5,000 deep', () => house.signed(`{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`)],
  ['that is no token', () => 'abc'],
  ['of 30,000 characters', () => 'a'.repeat(30_000)],
]
for (const [what, token] of refused) {
  test(`S9: a token ${what} is refused in two steps`, async () => {
    await isRefused(await token())
    await logsIn()
  })
}

const messages: [what: string, text: string][] = [
  ['no byte 1', 'n,,auth=Bearer abc'],
  ['a token of 500 KB', first('a'.repeat(500_000))],
  ['NUL', 'n,,\x01auth=Bearer \0\x01\x01'],
  ['a hundred thousand extensions', `n,,\x01auth=Bearer abc\x01${'a=\x01'.repeat(100_000)}\x01`],
]
for (const [what, text] of messages) {
  test(`S9: a first message with ${what} fails at once`, async () => {
    const connection = await connected()
    assert.equal((await said(connection, text)).errorCode, ErrorCode.SASL_AUTHENTICATION_FAILED)
    await connection.closed()
  })
}

test('S9: a token of 1 MiB closes the connection without an answer', async () => {
  const connection = await connected()
  const before = connection.receivedBytes
  said(connection, first('a'.repeat(1_048_576))).catch(() => undefined)
  await connection.closed()
  assert.equal(connection.receivedBytes, before)
})

test('S9: a thousand tokens with keys that are not known cause one request at most', async () => {
  const before = house.asked
  const tokens = Array.from({ length: 1_000 }, (_, at) => house.token('alice', {}, { kid: `made up ${at}` }))
  let next = 0
  const guesser = async (): Promise<void> => {
    while (next < tokens.length) (await isTold(await (tokens[next++] as Promise<string>))).destroy()
  }
  await Promise.all(Array.from({ length: 20 }, guesser))
  assert.ok(house.asked - before <= 1, `${house.asked - before} requests`)
})
