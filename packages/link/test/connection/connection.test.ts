import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime, type ServerEnd, settle } from '@rivven/fakes'
import { contiguous, decodeRequestHeader, encodeResponse, Heartbeat, Metadata, Produce } from '@rivven/protocol'
import { Connection } from '../../src/connection/connection.js'

interface Request {
  apiKey: number
  apiVersion: number
  correlationId: number
}

async function scene() {
  const runtime = fakeRuntime()
  const requests: Request[] = []
  let isClosed = false
  let end!: ServerEnd
  runtime.network.onConnect = (server) => {
    end = server
    end.onFrame = (frame) => requests.push(decodeRequestHeader(frame))
  }
  const connection = await Connection.open({
    runtime,
    logger: { warn: () => undefined },
    address: { host: 'broker', port: 9092 },
    clientId: 'tester',
    connectTimeoutMs: 1000,
    maxFrameBytes: 1000,
    maxThrottleMs: 30_000,
    onClosed: () => {
      isClosed = true
    },
  })
  const heartbeat = (timeoutMs = 1000, signal?: AbortSignal) =>
    connection.call(Heartbeat, 4, { groupId: 'g' }, { timeoutMs, signal })
  const answer = (correlationId: number, errorCode = 0, throttleTimeMs = 0) =>
    contiguous(encodeResponse(Heartbeat, 4, correlationId, { errorCode, throttleTimeMs }))
  return { runtime, clock: runtime.clock, connection, end, requests, heartbeat, answer, isClosed: () => isClosed }
}

test('answers are found by their order, however their bytes are cut', async () => {
  const { requests, heartbeat, answer, end } = await scene()
  const calls = [heartbeat(), heartbeat(), heartbeat()]
  await settle()
  assert.deepEqual(
    requests.map(({ apiKey, apiVersion }) => [apiKey, apiVersion]),
    [
      [12, 4],
      [12, 4],
      [12, 4],
    ],
  )
  end.send(Buffer.concat(requests.map(({ correlationId }, index) => answer(correlationId, index))), 3)
  await settle()
  await settle()
  assert.deepEqual(
    (await Promise.all(calls)).map(({ errorCode }) => errorCode),
    [0, 1, 2],
  )
})

test('an answer out of order closes the connection, and no call gets it', async () => {
  const { requests, heartbeat, answer, end, connection, isClosed } = await scene()
  const calls = Promise.allSettled([heartbeat(), heartbeat()])
  await settle()
  end.send(answer(requests[1]!.correlationId))
  const ends = await calls
  assert.ok(ends.every((end) => end.status === 'rejected' && end.reason.code === 'INVALID_RESPONSE'))
  await settle()
  assert.equal(connection.isOpen, false)
  assert.equal(isClosed(), true)
})

test('an answer that nobody asked for, a bad size and bytes that do not decode close the connection', async () => {
  for (const bytes of ['00000004 00000001', 'ffffffff', '0000ffff', '00000005 00000001 ff']) {
    const { heartbeat, end, connection } = await scene()
    const call = bytes.startsWith('00000004') ? Promise.resolve() : heartbeat().catch((error) => error.code)
    await settle()
    end.send(Buffer.from(bytes.replaceAll(' ', ''), 'hex'))
    await settle()
    assert.equal(connection.isOpen, false, bytes)
    assert.equal(await call, bytes.startsWith('00000004') ? undefined : 'INVALID_RESPONSE')
  }
})

test('a call without an answer in time fails, and takes the connection and the other calls with it', async () => {
  const { clock, requests, heartbeat, answer, end, connection } = await scene()
  const calls = Promise.allSettled([heartbeat(5000), heartbeat(1000)])
  await clock.advance(999)
  assert.equal(connection.isOpen, true)
  await clock.advance(1)
  const [other, late] = await calls
  assert.equal(late!.status === 'rejected' && late!.reason.code, 'TIMED_OUT')
  assert.equal(other!.status === 'rejected' && other!.reason.code, 'CONNECTION_CLOSED')
  assert.equal(connection.isOpen, false)
  end.send(answer(requests[0]!.correlationId))
  await settle()
  await assert.rejects(heartbeat(), { code: 'CONNECTION_CLOSED' })
})

test('the answer to an aborted call is passed over, and the next call gets its own', async () => {
  const { requests, heartbeat, answer, end } = await scene()
  const controller = new AbortController()
  const aborted = heartbeat(1000, controller.signal)
  const next = heartbeat()
  await settle()
  controller.abort()
  await assert.rejects(aborted, { code: 'ABORTED' })
  end.send(Buffer.concat([answer(requests[0]!.correlationId, 1), answer(requests[1]!.correlationId, 2)]))
  assert.equal((await next).errorCode, 2)
})

test('calls fail at once when the broker goes away', async () => {
  const { heartbeat, end, isClosed, connection } = await scene()
  const call = heartbeat()
  await settle()
  end.close(new Error('read ECONNRESET'))
  await assert.rejects(call, (error: Error) => /broke: read ECONNRESET/.test(error.message))
  assert.equal(isClosed(), true)
  assert.equal(connection.isOpen, false)
})

test('no timer is left when all calls are answered and the connection is closed', async () => {
  const { clock, requests, heartbeat, answer, end, connection } = await scene()
  const call = heartbeat()
  await settle()
  end.send(answer(requests[0]!.correlationId))
  await call
  connection.close()
  await settle()
  assert.equal(clock.pending, 0)
})

test('a broker that throttles is heard', async () => {
  const { clock, requests, heartbeat, answer, end, connection } = await scene()
  const call = heartbeat()
  await settle()
  end.send(answer(requests[0]!.correlationId, 0, 500))
  await call
  assert.equal(connection.throttleMs, 500)
  await clock.advance(500)
  assert.equal(connection.throttleMs, 0)
})

test('a message without an answer takes no place among the answers', async () => {
  const { requests, heartbeat, answer, end, connection } = await scene()
  await connection.post(Produce, 7, { acks: 0, topicData: [] })
  const call = heartbeat()
  await settle()
  assert.equal(requests.length, 2)
  end.send(answer(requests[1]!.correlationId, 3))
  assert.equal((await call).errorCode, 3)
})

test('a message that cannot be encoded fails alone', async () => {
  const { requests, heartbeat, answer, end, connection } = await scene()
  const bad = connection.call(Metadata, 12, { topics: [{ name: 'x'.repeat(40_000) }] }, { timeoutMs: 1000 })
  const good = heartbeat()
  await assert.rejects(bad)
  await settle()
  end.send(answer(requests[0]!.correlationId))
  assert.equal((await good).errorCode, 0)
})
