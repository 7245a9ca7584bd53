import assert from 'node:assert/strict'
import { pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import type { ScramMechanism } from '@rivven/protocol'
import { readClientFinal, readClientFirst } from '../../src/security/sasl/scram-messages.js'
import { ScramServer } from '../../src/security/sasl/scram-server.js'
import {
  clientKeyOf,
  hash,
  hmac,
  keysOf,
  type ScramCredential,
  scramHashes,
} from '../../src/security/users/scram-credential.js'
import { securityVectors } from './security-vectors.js'

interface ScramVectors {
  keys: {
    mechanism: ScramMechanism
    password: string
    salt: string
    iterations: number
    saltedPassword: string
    clientKey: string
    storedKey: string
    serverKey: string
  }[]
  exchanges: {
    mechanism: ScramMechanism
    user: string
    password: string
    clientFirst: string
    serverFirst: string
    clientFinal: string
    serverFinal: string
  }[]
  clientFirst: {
    message: string
    ok: boolean
    nonce?: string
    authorizationId?: string
    username?: string
    extensions?: Record<string, string>
  }[]
  clientFinal: {
    message: string
    ok: boolean
    channelBinding?: string
    nonce?: string
    proof?: string
    withoutProof?: string
  }[]
}

const vectors = securityVectors<ScramVectors>('scram')

function saltedPassword(mechanism: ScramMechanism, password: string, salt: Buffer, iterations: number): Buffer {
  const { name, size } = scramHashes[mechanism]
  return pbkdf2Sync(password, salt, iterations, size, name)
}

function credential(mechanism: ScramMechanism, password: string, salt: Buffer, iterations: number): ScramCredential {
  return { salt, iterations, ...keysOf(mechanism, saltedPassword(mechanism, password, salt, iterations)) }
}

/** A server that knows one user, and whose nonces end with `nonce`. */
function serverOf(
  { mechanism, user }: { mechanism: ScramMechanism; user: string },
  credential: ScramCredential,
  nonce = 'ours',
): ScramServer {
  const credentialOf = (name: string) => ({ isKnown: name === user, credential })
  const random = { next: () => 0, uuid: () => nonce }
  return new ScramServer(mechanism, { credentials: { credentialOf }, random })
}

test('keys are made of a salted password as Kafka makes them', () => {
  for (const { mechanism, password, salt, iterations, ...expected } of vectors.keys) {
    const salted = saltedPassword(mechanism, password, Buffer.from(salt, 'base64'), iterations)
    const keys = keysOf(mechanism, salted)
    const made = {
      saltedPassword: salted.toString('base64'),
      clientKey: clientKeyOf(mechanism, salted).toString('base64'),
      storedKey: keys.storedKey.toString('base64'),
      serverKey: keys.serverKey.toString('base64'),
    }
    assert.deepEqual(made, expected)
  }
})

test('whole exchanges go as with Kafka, byte by byte', () => {
  for (const { mechanism, user, password, clientFirst, serverFirst, clientFinal, serverFinal } of vectors.exchanges) {
    const [, nonce = '', salt = '', iterations = ''] = /^r=(.*),s=(.*),i=(.*)$/.exec(serverFirst) ?? []
    const known = credential(mechanism, password, Buffer.from(salt, 'base64'), Number(iterations))
    const ours = nonce.slice(readClientFirst(Buffer.from(clientFirst))?.nonce.length)
    const server = serverOf({ mechanism, user }, known, ours)
    const challenge = server.next(Buffer.from(clientFirst))
    assert.equal(challenge.kind === 'challenge' && String(challenge.token), serverFirst)
    const done = server.next(Buffer.from(clientFinal))
    assert.equal(done.kind === 'done' && String(done.token), serverFinal)
    assert.equal(done.kind === 'done' && done.user, user)
  }
})

/** Where we say something else than Kafka's parser, and why. */
const otherClientFirsts = new Map([
  ['n,,m=x,n=user,r=abc', 'an extension that must be understood is refused'],
  ['n,,n=üser,r=abc', 'names are UTF-8'],
  ['n,a=ü,n=user,r=abc', 'names are UTF-8'],
])

test("the client's first message is read as Kafka reads it", () => {
  for (const { message, ok, nonce, authorizationId, username, extensions } of vectors.clientFirst) {
    const read = readClientFirst(Buffer.from(message))
    const reason = otherClientFirsts.get(message)
    assert.equal(read !== undefined, reason === undefined ? ok : !ok, `${message}: ${reason}`)
    if (read === undefined || reason !== undefined) continue
    assert.deepEqual([read.nonce, read.user], [nonce, username])
    assert.equal(read.authorizationId, authorizationId?.replaceAll('=2C', ','))
    assert.deepEqual(Object.fromEntries(read.extensions), extensions)
    assert.equal(read.gs2Header + read.bare, message, 'what is signed is what came')
  }
})

test("the client's final message is read as Kafka reads it, and signed as it came", () => {
  for (const { message, ok, channelBinding, nonce, proof } of vectors.clientFinal) {
    const read = readClientFinal(Buffer.from(message))
    assert.equal(read !== undefined, ok, message)
    if (read === undefined) continue
    assert.equal(read.nonce, nonce)
    assert.deepEqual(Buffer.from(read.channelBinding, 'base64'), Buffer.from(channelBinding ?? '', 'base64'))
    assert.deepEqual(read.proof, Buffer.from(proof ?? '', 'base64'))
    assert.equal(read.withoutProof, message.slice(0, message.lastIndexOf(',p=')))
  }
})

const mechanism = 'SCRAM-SHA-256'
const salt = Buffer.from('a salt of enough bytes')
const alice = credential(mechanism, 'secret', salt, 4096)

interface Login {
  first?: string
  password?: string
  /** What becomes of the final message before it is signed, and of the proof. */
  withoutProof?: (text: string) => string
  proof?: (proof: Buffer) => Buffer
  user?: string
}

/** Logs in as a client does that may be told to do one thing wrong. */
function logIn({ first = 'n,,n=alice,r=theirs', user = 'alice', ...does }: Login): string {
  const server = serverOf({ mechanism, user }, alice)
  const challenge = server.next(Buffer.from(first))
  if (challenge.kind !== 'challenge') return 'failed at first'
  const serverFirst = String(challenge.token)
  const bare = first.slice(first.indexOf('n=', 1))
  const header = Buffer.from(first.slice(0, -bare.length)).toString('base64')
  const text = `c=${header},r=${/r=([^,]*)/.exec(serverFirst)?.[1]}`
  const withoutProof = does.withoutProof?.(text) ?? text
  const salted = saltedPassword(mechanism, does.password ?? 'secret', salt, 4096)
  const clientKey = clientKeyOf(mechanism, salted)
  const signature = hmac(mechanism, hash(mechanism, clientKey), `${bare},${serverFirst},${withoutProof}`)
  const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] as number)))
  const sent = (does.proof?.(proof) ?? proof).toString('base64')
  return server.next(Buffer.from(`${withoutProof},p=${sent}`)).kind
}

const logins: [what: string, Login, outcome: string][] = [
  ['the right password', {}, 'done'],
  ['another password', { password: 'guessed-secret' }, 'failed'],
  ['a user that does not exist', { user: 'somebody else' }, 'failed'],
  ['an authorization id of the same user', { first: 'n,a=alice,n=alice,r=theirs' }, 'done'],
  ['an authorization id of another user', { first: 'n,a=bob,n=alice,r=theirs' }, 'failed at first'],
  ['two extensions in any order', { first: 'n,,n=alice,r=theirs,z=1,a=2' }, 'done'],
  ['a name that is not ASCII', { first: 'n,,n=älice,r=theirs', user: 'älice' }, 'done'],
  ['a delegation token', { first: 'n,,n=alice,r=theirs,tokenauth=true' }, 'failed at first'],
  ['channel binding', { first: 'p=tls-unique,,n=alice,r=theirs' }, 'failed at first'],
  ['a client that could bind channels', { first: 'y,,n=alice,r=theirs' }, 'failed at first'],
  ['a nonce of the client that is none', { first: 'n,,n=alice,r=a,b' }, 'failed at first'],
  ['a nonce of 1 MiB', { first: `n,,n=alice,r=${'a'.repeat(1 << 20)}` }, 'failed at first'],
  ['another nonce in the final message', { withoutProof: (text) => text.replace('theirs', 'others') }, 'failed'],
  ["the client's nonce alone", { withoutProof: (text) => text.replace('ours', '') }, 'failed'],
  ['something in front of the nonce', { withoutProof: (text) => text.replace('r=', 'r=x') }, 'failed'],
  ['something behind the nonce', { withoutProof: (text) => `${text}x` }, 'failed'],
  ['another header as channel binding', { withoutProof: (text) => text.replace('biws', 'eSws') }, 'failed'],
  ['no channel binding', { withoutProof: (text) => text.replace('biws', '') }, 'failed'],
  ['an extension of the final message', { withoutProof: (text) => `${text},x=y` }, 'done'],
  ['a short proof', { proof: (proof) => proof.subarray(1) }, 'failed'],
  ['a long proof', { proof: (proof) => Buffer.concat([proof, proof]) }, 'failed'],
  ['an empty proof', { proof: () => Buffer.alloc(0) }, 'failed'],
]
for (const [what, login, outcome] of logins) {
  test(`SCRAM: ${what}: ${outcome}`, () => {
    assert.equal(logIn(login), outcome)
  })
}

test('SCRAM: nothing follows a failure or an end', () => {
  const { clientFirst, clientFinal, serverFirst, password, ...exchange } = vectors.exchanges[0]!
  const known = credential(
    exchange.mechanism,
    password,
    Buffer.from(/s=([^,]*)/.exec(serverFirst)![1]!, 'base64'),
    4096,
  )
  const ours = /r=([^,]*)/.exec(serverFirst)![1]!.slice(readClientFirst(Buffer.from(clientFirst))!.nonce.length)
  const twice = serverOf(exchange, known, ours)
  const kinds = [clientFirst, clientFinal, clientFinal, clientFirst].map((text) => twice.next(Buffer.from(text)).kind)
  assert.deepEqual(kinds, ['challenge', 'done', 'failed', 'failed'])
  const firstTwice = serverOf(exchange, known, ours)
  assert.deepEqual(
    [clientFirst, clientFirst, clientFinal].map((text) => firstTwice.next(Buffer.from(text)).kind),
    ['challenge', 'failed', 'failed'],
  )
})

test('SCRAM: a client that says its nonce twice is told that its library is to blame, not the password', () => {
  const { clientFirst, serverFirst, clientFinal, ...exchange } = vectors.exchanges[0]!
  const [, nonce = ''] = /r=([^,]*)/.exec(serverFirst)!
  const theirs = readClientFirst(Buffer.from(clientFirst))!.nonce
  const server = serverOf(exchange, credential(mechanism, '', salt, 4096), nonce.slice(theirs.length))
  server.next(Buffer.from(clientFirst))
  const failed = server.next(Buffer.from(clientFinal.replace('r=', `r=${theirs}`)))
  assert.match(failed.kind === 'failed' ? failed.text : '', /librdkafka before 2\.8\.0/)
})

test('SCRAM: what is not UTF-8 fails', () => {
  const server = serverOf({ mechanism, user: 'alice' }, alice)
  assert.equal(server.next(Buffer.from([0x6e, 0x2c, 0x2c, 0xff])).kind, 'failed')
})
