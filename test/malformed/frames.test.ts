import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ApiVersions, type ErrorCode, Metadata } from '@rivven/protocol'
import { startRivven } from '@rivven/testing'
import { RawConnection } from '../support/raw-connection.js'

// What cannot be framed or decoded ends its own connection, and nothing else: the malformed-input table,
// rows 1-13. After each case the broker must still answer somebody else.
let rivven: Awaited<ReturnType<typeof startRivven>>
before(async () => {
  rivven = await startRivven()
})
after(() => rivven.close())

const int16 = (value: number) => Buffer.from([(value >> 8) & 255, value & 255])
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return bytes
}
/** Header v1 of a request with a null client id. */
const header = (apiKey: number, version: number, clientId: Buffer = int16(-1)) => [
  int16(apiKey),
  int16(version),
  int32(7),
  clientId,
]
const metadata = 3
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

interface Case {
  row: number
  name: string
  bytes?: Uint8Array
  frame?: Uint8Array[]
}

const closing: Case[] = [
  { row: 1, name: 'a negative frame length', bytes: int32(-1) },
  { row: 1, name: 'a frame length of 0', bytes: int32(0) },
  { row: 1, name: 'a frame length over socket.request.max.bytes', bytes: int32(104_857_601) },
  { row: 4, name: 'an HTTP request', bytes: Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n') },
  { row: 4, name: 'a TLS hello on a plain listener', bytes: hex('16 03 01 00 c8 01 00 00 c4 03 03 00 01 02 03') },
  { row: 4, name: 'a PROXY header', bytes: Buffer.from('PROXY TCP4 10.0.0.1 10.0.0.2 5000 9092\r\n') },
  { row: 6, name: 'API key -1', frame: header(-1, 0) },
  { row: 6, name: 'API key 9999', frame: header(9999, 0) },
  { row: 6, name: 'a version above the highest', frame: header(metadata, 99) },
  { row: 6, name: 'a version below 0', frame: header(metadata, -1) },
  {
    row: 9,
    name: 'a client id longer than the frame',
    frame: header(metadata, 1, Buffer.concat([int16(500), Buffer.from('x')])),
  },
  { row: 10, name: 'more tagged fields than any frame holds', frame: [...header(metadata, 9), hex('ff ff ff ff 0f')] },
  { row: 10, name: 'a tagged field that goes past the end', frame: [...header(metadata, 9), hex('01 05 7f 00')] },
  { row: 11, name: 'an array of 2^31-1 elements', frame: [...header(metadata, 1), int32(0x7fffffff), hex('00000000')] },
  {
    row: 11,
    name: 'a compact array of 2^31-1 elements',
    frame: [...header(metadata, 9), hex('00 ff ff ff ff 07 00 00')],
  },
  { row: 11, name: 'a null array where none may be', frame: [...header(19, 2), int32(-1), int32(1000), hex('00')] },
  {
    row: 12,
    name: 'a string that goes past the end',
    frame: [...header(metadata, 1), int32(1), int16(300), Buffer.from('short')],
  },
  {
    row: 12,
    name: 'a negative string length where null may not be',
    frame: [...header(metadata, 1), int32(1), int16(-1)],
  },
  { row: 13, name: 'a varint of six bytes', frame: [...header(metadata, 9), hex('00 80 80 80 80 80 01 00 00 00')] },
  { row: 13, name: 'a varint that never ends', frame: [...header(metadata, 9), hex('00 ff ff ff ff')] },
]

for (const { row, name, bytes, frame } of closing) {
  test(`row ${row}: ${name} closes that connection and no other`, async () => {
    const beside = await RawConnection.open(rivven.port)
    const connection = await RawConnection.open(rivven.port)
    if (bytes) connection.send(bytes)
    else connection.sendFrame(...frame!)
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
  connection.send(Buffer.concat([int32(50), ...header(metadata, 4), int32(1), int16(5), Buffer.from('ha')]))
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
    connection.sendFrame(...header(18, 0, clientId))
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
    connection.sendFrame(...header(metadata, 9), hex(tags), hex('01 00 00 00 00'))
    assert.equal((await connection.nextFrame()).readInt32BE(0), 7)
    connection.destroy()
  })
}

test('row 11: a null array is null where it may be', async () => {
  const connection = await RawConnection.open(rivven.port)
  connection.sendFrame(...header(metadata, 1), int32(-1))
  assert.equal((await connection.nextFrame()).readInt32BE(0), 7)
  connection.destroy()
})
