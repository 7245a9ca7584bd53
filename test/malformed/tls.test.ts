import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { Broker, brokerConfig, memoryStorage, silentLog } from '@rivven/broker'
import { ApiVersions, decodeResponse, encodeRequest } from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import { pem, pemFile } from '../support/certificates.js'

// What comes to a listener with TLS that no client would send (security.md §16, S1, S2). After each case somebody else is
// still answered.
const runtime = nodeRuntime()
const values = {
  ...{ memory: true, http: 'off', listeners: 'SSL://127.0.0.1:0' },
  ssl_certificate_location: pemFile('broker.pem'),
  ssl_key_location: pemFile('broker.key'),
  ssl_ca_location: pemFile('ca.pem'),
  ssl_client_auth: 'requested',
  ssl_handshake_timeout_ms: 300,
}
let broker: Broker
before(async () => {
  const config = brokerConfig([{ from: 'test', values }])
  broker = await Broker.start({ config, runtime, storage: memoryStorage(runtime), log: silentLog() })
})
/** A client that has heard of no end would keep the process. */
const clients: Socket[] = []
after(async () => {
  await isAnswered()
  for (const socket of clients) socket.destroy()
  await broker.close()
})

function client(options: ConnectionOptions = {}): TLSSocket {
  const { port } = broker.address
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: pem('ca.pem'), ...options })
  clients.push(socket)
  return socket.on('error', () => undefined)
}

/** An error on the way to it is none here. */
function closing(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

async function isAnswered(options: ConnectionOptions = {}): Promise<void> {
  const socket = client(options)
  socket.write(Buffer.concat(encodeRequest(ApiVersions, 0, { correlationId: 1, clientId: 'c' }, {}).map(Buffer.from)))
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  assert.equal(decodeResponse(ApiVersions, 0, bytes.subarray(4)).message.errorCode, 0)
  socket.destroy()
}

async function isClosed(...pieces: Buffer[]): Promise<void> {
  const socket = connectTcp(broker.address.port, '127.0.0.1').on('error', () => undefined)
  const closed = once(socket, 'close')
  for (const piece of pieces) socket.write(piece)
  socket.resume()
  await closed
}

const hello = Buffer.from('1603010200010001fc0303', 'hex')

test('S1: a hello that is cut short, or never ends, is closed within its time', async () => {
  await isClosed(hello.subarray(0, 3))
  await isClosed(hello)
  await isClosed()
})

test('S1: a hello of 64 KiB, rubbish, and plain requests are closed', async () => {
  await isClosed(Buffer.concat([Buffer.from('160301ffff0100fffb0303', 'hex'), Buffer.alloc(64 * 1024, 7)]))
  await isClosed(Buffer.alloc(1_000, 0xff))
  await isClosed(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
  await isClosed(Buffer.from('0000000a0012000000000007ffff', 'hex'))
  // SSLv3
  await isClosed(
    Buffer.from('16030000250100002103000000000000000000000000000000000000000000000000000000000000000000', 'hex'),
  )
})

test('S1: old versions are refused', async () => {
  for (const version of ['TLSv1', 'TLSv1.1'] as const) {
    const socket = client({ minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' })
    await closing(socket)
  }
})

test('S1: names that are odd, and thousands of different ones, are answered with the own certificate', async () => {
  const names = ['x'.repeat(255), 'a..b', '__proto__', '*', 'toString', 'constructor.']
  for (const servername of names) await isAnswered({ servername, checkServerIdentity: () => undefined })
  for (let id = 0; id < 200; id++) {
    await isAnswered({ servername: `host-${id}.example`, checkServerIdentity: () => undefined })
  }
})

test('S1: a record that is damaged behind the handshake ends its connection', async () => {
  const near = connectTcp(broker.address.port, '127.0.0.1').on('error', () => undefined)
  clients.push(near)
  await once(near, 'connect')
  const far = connect({ socket: near, servername: 'localhost', ca: pem('ca.pem') }).on('error', () => undefined)
  await once(far, 'secureConnect')
  const closed = once(near, 'close')
  near.write(Buffer.from(`1703030040${'00'.repeat(64)}`, 'hex'))
  await closed
})

test('S2: a certificate that is over, or of another authority, does not come in; one that fits, and none, do', async () => {
  const over = client({ cert: pem('over.pem'), key: pem('over.key') })
  await closing(over)
  await isAnswered({ cert: pem('client.pem'), key: pem('client.key') })
  await isAnswered()
})
