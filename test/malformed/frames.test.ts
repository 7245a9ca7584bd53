import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ApiVersions, type ErrorCode, Metadata } from '@rivven/protocol'
import { startRivven } from '@rivven/testing'
import { RawConnection } from '../support/raw-connection.js'
import { badFrames, hex, int16, int32, requestHeader } from './inputs/frames.js'

// What cannot be framed or decoded ends its own connection, and nothing else: the malformed-input table,
// rows 1-13. After each case the broker must still answer somebody else.
let rivven: Awaited<ReturnType<typeof startRivven>>
before(async () => {
  rivven = await startRivven()
})
after(() => rivven.close())

const metadata = 3

for (const { row, name, bytes } of badFrames) {
  test(`row ${row}: ${name} closes that connection and no other`, async () => {
    const beside = await RawConnection.open(rivven.port)
    const connection = await RawConnection.open(rivven.port)
    connection.send(bytes)
    await connection.closed()
    assert.equal(connection.receivedBytes, 0)
    assert.equal((await beside.call(ApiVersions, 0, {})).errorCode, 0)
    beside.destroy()
  })
}

test('row 2: a frame that claims 100 MB takes memory only as its bytes come', async () => {
  const connections = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open(rivven.port)))
  const before = process.memoryUsage().arrayBuffers
  for (const connection of connections) connection.send(Buffer.concat([int32(100_000_000), Buffer.from('x')]))
  const beside = await RawConnection.open(rivven.port)
  assert.equal((await beside.call(ApiVersions, 0, {})).errorCode, 0)
  const grown = process.memoryUsage().arrayBuffers - before
  assert.ok(grown < 32 * 1024 * 1024, `${grown} bytes for 20 connections with a byte each`)
  for (const connection of [...connections, beside]) connection.destroy()
})

test('row 3: a frame that is cut short by the end of its connection does nothing', async () => {
  const connection = await RawConnection.open(rivven.port)
  connection.send(Buffer.concat([int32(50), ...requestHeader(metadata, 4), int32(1), int16(5), Buffer.from('ha')]))
  connection.socket.end()
  await connection.closed()
  const beside = await RawConnection.open(rivven.port)
  assert.deepEqual((await beside.call(Metadata, 1, { topics: null })).topics, [])
  beside.destroy()
})

test('row 5: ten thousand pipelined requests are answered in order', async () => {
  const connection = await RawConnection.open(rivven.port)
  const count = 10_000
  const requests = Array.from({ length: count }, (_, id) =>
    Buffer.concat([int32(10), int16(18), int16(0), int32(id), int16(-1)]),
  )
  connection.send(Buffer.concat(requests))
  for (let id = 0; id < count; id++) assert.equal((await connection.nextFrame()).readInt32BE(0), id)
  connection.destroy()
})

test('row 5: a peer that never reads is not read from for ever', async () => {
  const connection = await RawConnection.open(rivven.port)
  connection.socket.pause()
  const request = Buffer.concat([int32(10), int16(18), int16(3 - 3), int32(1), int16(-1)])
  const flood = Buffer.concat(Array.from({ length: 5_000 }, () => request))
  const before = process.memoryUsage().arrayBuffers
  let written = 0
  while (written < 64 * 1024 * 1024 && connection.socket.writableLength < 8 * 1024 * 1024) {
    connection.send(flood)
    written += flood.length
    await new Promise((next) => setImmediate(next))
  }
  assert.ok(connection.socket.writableLength > 0, 'the broker went on reading')
  const grown = process.memoryUsage().arrayBuffers - before
  assert.ok(grown < 64 * 1024 * 1024, `${grown} bytes are held`)
  connection.destroy()
})

test('row 7: ApiVersions of an unknown version is answered in version 0 with UNSUPPORTED_VERSION and its own range', async () => {
  const connection = await RawConnection.open(rivven.port)
  connection.sendFrame(int16(18), int16(127), int32(7), int16(-1), hex('00'))
  const answer = await connection.nextFrame()
  assert.equal(answer.readInt32BE(0), 7)
  assert.equal(answer.readInt16BE(4), 35)
  assert.equal(answer.readInt32BE(6), 1)
  assert.equal(answer.readInt16BE(10), 18)
  connection.destroy()
})

for (const clientSoftwareName of ['bad name!', '']) {
  test(`row 8: ApiVersions with the software name "${clientSoftwareName}" is an invalid request`, async () => {
    const connection = await RawConnection.open(rivven.port)
    const { errorCode } = await connection.call(ApiVersions, 3, { clientSoftwareName, clientSoftwareVersion: '1' })
    assert.equal(errorCode, 42 satisfies (typeof ErrorCode)['INVALID_REQUEST'])
    connection.destroy()
  })
}

for (const [name, clientId] of [
  ['null', int16(-1)],
  ['not UTF-8', Buffer.concat([int16(2), hex('ff fe')])],
] as const) {
  test(`row 9: a client id that is ${name} is accepted`, async () => {
    const connection = await RawConnection.open(rivven.port)
    connection.sendFrame(...requestHeader(18, 0, clientId))
    assert.equal((await connection.nextFrame()).readInt16BE(4), 0)
    connection.destroy()
  })
}

for (const [name, tags] of [
  ['repeated', '02 05 00 05 00'],
  ['falling', '02 06 00 05 00'],
  ['unknown', '01 63 03 010203'],
] as const) {
  test(`row 10: ${name} tags are read over`, async () => {
    const connection = await RawConnection.open(rivven.port)
    connection.sendFrame(...requestHeader(metadata, 9), hex(tags), hex('01 00 00 00 00'))
    assert.equal((await connection.nextFrame()).readInt32BE(0), 7)
    connection.destroy()
  })
}

test('row 11: a null array is null where it may be', async () => {
  const connection = await RawConnection.open(rivven.port)
  connection.sendFrame(...requestHeader(metadata, 1), int32(-1))
  assert.equal((await connection.nextFrame()).readInt32BE(0), 7)
  connection.destroy()
})
