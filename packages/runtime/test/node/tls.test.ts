import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { test } from 'node:test'
import { createServer, type TlsOptions } from 'node:tls'
import { type ByteStream, nodeNetwork, type TlsConnect, TlsError } from '../../src/index.js'

const content = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 31) & 0xff))

function pem(name: string): string {
  return readFileSync(new URL(`../../../../../test/support/certificates/${name}`, import.meta.url), 'utf8')
}

const broker = { cert: pem('broker.pem'), key: pem('broker.key') }

async function listening(server: Server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, [Symbol.dispose]: () => void server.close() }
}

/** A listener with TLS that answers whatever is said first with the content, and hangs up. */
function answering(options: TlsOptions = broker) {
  const server = createServer(options, (socket) => {
    socket.on('error', () => undefined).once('data', () => socket.end(content))
  })
  return listening(server.on('tlsClientError', () => undefined))
}

function connect(port: number, tls: TlsConnect, host = '127.0.0.1'): Promise<ByteStream> {
  return nodeNetwork.connect({ host, port }, 60_000, tls)
}

/** All that comes once something was said. */
function answerOf(stream: ByteStream): Promise<Buffer> {
  const parts: Buffer[] = []
  return new Promise((resolve, reject) => {
    let room = Buffer.alloc(0)
    stream.start({
      target: () => {
        room = Buffer.alloc(1000)
        return room
      },
      received: (count) => parts.push(room.subarray(0, count)),
      drained: () => undefined,
      closed: (error) => (error ? reject(error) : resolve(Buffer.concat(parts))),
    })
    stream.write([Buffer.from('hello')])
  })
}

test('an encrypted connection gives its sink all bytes in order', async () => {
  using server = await answering()
  const stream = await connect(server.port, { ca: pem('ca.pem') })
  assert.equal(stream.remote.port, server.port)
  assert.ok((await answerOf(stream)).equals(content))
})

test('a client shows its certificate where it has one', async () => {
  using server = await answering({ ...broker, ca: pem('ca.pem'), requestCert: true, rejectUnauthorized: true })
  const cert = pem('client.pem')
  for (const key of [
    { key: pem('client.key') },
    { key: Buffer.from(pem('client-locked.key')), passphrase: 'opens-it' },
  ]) {
    const stream = await connect(server.port, { ca: [pem('foreign.pem'), Buffer.from(pem('ca.pem'))], cert, ...key })
    assert.ok((await answerOf(stream)).equals(content))
  }
  await assert.rejects(
    async () => answerOf(await connect(server.port, { ca: pem('ca.pem') })),
    /ERT_REQUIRED|ECONNRESET|certificate required/i,
  )
})

const refusals: [string, TlsOptions, TlsConnect, string][] = [
  ['whose certificate an unknown authority signed', broker, {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  [
    'whose certificate is over',
    { cert: pem('over.pem'), key: pem('over.key') },
    { ca: pem('ca.pem') },
    'CERT_HAS_EXPIRED',
  ],
  ['with another name', broker, { ca: pem('ca.pem'), servername: 'broker.example' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
]

for (const [what, options, tls, code] of refusals) {
  test(`no connection comes of a peer ${what}`, async () => {
    using server = await answering(options)
    await assert.rejects(connect(server.port, tls), (error: TlsError) => {
      assert.ok(error instanceof TlsError)
      assert.equal(error.code, code)
      return true
    })
  })
}

test('a peer may be known by another name, or by its authority alone', async () => {
  using server = await answering({ cert: pem('elsewhere.pem'), key: pem('elsewhere.key') })
  const ca = pem('ca.pem')
  for (const tls of [
    { ca, servername: 'broker.example' },
    { ca, checksName: false },
  ])
    assert.ok((await answerOf(await connect(server.port, tls))).equals(content))
})

test('a peer that does not speak TLS is told apart from one that is not there', async () => {
  using chatty = await listening(createTcpServer((socket) => socket.end('220 mail.example ESMTP\r\n')))
  await assert.rejects(connect(chatty.port, {}), TlsError)
  using silent = await listening(
    createTcpServer((socket) => socket.on('error', () => undefined).once('data', () => socket.destroy())),
  )
  await assert.rejects(connect(silent.port, {}), (error) => error instanceof TlsError && error.code === 'ECONNRESET')
  const { port } = silent
  silent[Symbol.dispose]()
  await assert.rejects(connect(port, {}), (error: NodeJS.ErrnoException) => {
    return !(error instanceof TlsError) && error.code === 'ECONNREFUSED'
  })
})

test('a certificate that is none is told at once', async () => {
  await assert.rejects(connect(1, { ca: 'no PEM', cert: 'neither', key: 'nor this' }), TlsError)
})
