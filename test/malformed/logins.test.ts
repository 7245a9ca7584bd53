import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  ApiVersions,
  allApis,
  decodeResponse,
  ErrorCode,
  encodeRequest,
  Heartbeat,
  Metadata,
  SaslAuthenticate,
  SaslHandshake,
} from '@rivven/protocol'
import { GuardedBroker } from '../conversations/guarded-broker.js'
import { passwordOf } from '../support/passwords.js'
import { RawConnection } from '../support/raw-connection.js'
import { frameOf, int32, requestHeader } from './inputs/frames.js'
import { badTokens, plainOf } from './inputs/tokens.js'

// What comes before and amid a login that no client would send (security.md §16, S3, S5, S7, S8). After each case somebody
// else can still log in.
let broker: GuardedBroker
before(async () => {
  broker = await GuardedBroker.start({})
})
after(async () => {
  await logsIn()
  await broker.close()
})

async function logsIn(): Promise<void> {
  const connection = await RawConnection.open(broker.port)
  assert.equal((await tokenAnswer(connection, 'PLAIN', plainOf('', 'bob', passwordOf('bob')))).errorCode, 0)
  assert.equal((await connection.call(Metadata, 9, { topics: [] })).topics.length, 0)
  connection.destroy()
}

async function tokenAnswer(connection: RawConnection, mechanism: string, authBytes: Buffer) {
  assert.equal((await connection.call(SaslHandshake, 1, { mechanism })).errorCode, 0)
  return connection.call(SaslAuthenticate, 2, { authBytes })
}

async function closedInSilence(bytes: Uint8Array): Promise<void> {
  const connection = await RawConnection.open(broker.port)
  connection.send(bytes)
  await connection.closed()
  assert.equal(connection.receivedBytes, 0)
}

test('S3: before the login every API but two closes the connection, in every version, and nothing is sent', async () => {
  const open = new Set([ApiVersions.key, SaslHandshake.key])
  for (const { key, versions } of allApis.filter((api) => !open.has(api.key))) {
    for (const version of new Set([versions.min, versions.max, versions.max + 1])) {
      // A body that no decoder would survive: it must not be looked at.
      await closedInSilence(frameOf(...requestHeader(key, version), Buffer.alloc(40, 0xff)))
    }
  }
})

test('S3: a frame that is larger than a login may be, or no frame at all, closes the connection', async () => {
  for (const size of [524_289, 0x7fffffff, 0, -1]) await closedInSilence(int32(size))
})

test('S5: a mechanism that is none is answered with those that are, and the connection ends', async () => {
  for (const mechanism of ['', 'plain', 'GSSAPI', 'x'.repeat(32 * 1024 - 1), 'PLAIN ']) {
    const connection = await RawConnection.open(broker.port)
    const { errorCode, mechanisms } = await connection.call(SaslHandshake, 1, { mechanism })
    assert.equal(errorCode, ErrorCode.UNSUPPORTED_SASL_MECHANISM)
    assert.deepEqual([...mechanisms].sort(), ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])
    await connection.closed()
  }
})

for (const [row, mechanism, token] of badTokens) {
  const shown = JSON.stringify(token.toString('latin1').replace(passwordOf('bob'), '(password)').slice(0, 30))
  test(`${row}: ${mechanism} with ${shown} fails, and the connection ends`, async () => {
    const connection = await RawConnection.open(broker.port)
    const answer = await tokenAnswer(connection, mechanism, token)
    assert.equal(answer.errorCode, ErrorCode.SASL_AUTHENTICATION_FAILED)
    assert.doesNotMatch(answer.errorMessage ?? '', /bob|admin/)
    await connection.closed()
  })
}

test('S8: the first message twice, and a final one without a first, fail', async () => {
  const first = Buffer.from('n,,n=bob,r=abcdefgh')
  const twice = await RawConnection.open(broker.port)
  assert.equal((await tokenAnswer(twice, 'SCRAM-SHA-256', first)).errorCode, 0)
  assert.equal((await twice.call(SaslAuthenticate, 2, { authBytes: first })).errorCode, 58)
  await twice.closed()
  const early = await RawConnection.open(broker.port)
  assert.equal((await tokenAnswer(early, 'SCRAM-SHA-256', Buffer.from('c=biws,r=abc,p=AAAA'))).errorCode, 58)
  await early.closed()
})

test('requests that are sent behind a token in the same write are served by who has logged in', async () => {
  const connection = await RawConnection.open(broker.port)
  await connection.call(SaslHandshake, 1, { mechanism: 'PLAIN' })
  const header = (correlationId: number) => ({ correlationId, clientId: 'c' })
  const token = { authBytes: plainOf('', 'admin', passwordOf('admin')) }
  const heartbeat = { groupId: 'g'.repeat(30_000), generationId: 1, memberId: 'm' }
  const frames = [
    encodeRequest(SaslAuthenticate, 2, header(1), token),
    encodeRequest(Heartbeat, 4, header(2), heartbeat),
  ]
  connection.send(Buffer.concat(frames.flat()))
  const login = decodeResponse(SaslAuthenticate, 2, await connection.nextFrame()).message
  const answer = decodeResponse(Heartbeat, 4, await connection.nextFrame()).message
  assert.deepEqual([login.errorCode, answer.errorCode], [ErrorCode.NONE, ErrorCode.UNKNOWN_MEMBER_ID])
  connection.destroy()
})

test('a peer that leaves while its failed login waits to be answered harms nobody', async () => {
  const leavers = Array.from({ length: 50 }, async () => {
    const connection = await RawConnection.open(broker.port)
    await connection.call(SaslHandshake, 1, { mechanism: 'PLAIN' })
    connection.call(SaslAuthenticate, 2, { authBytes: plainOf('', 'bob', 'wrong') }).catch(() => undefined)
    connection.destroy()
  })
  await Promise.all(leavers)
  await logsIn()
})
