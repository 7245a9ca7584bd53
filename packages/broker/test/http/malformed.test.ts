import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { usualHttpLimits } from '@rivven/runtime'
import { basic, guardedBroker } from './guarded-broker.js'

function open(t: TestContext, port: string): Socket {
  const socket = connect({ port: Number(port), host: '127.0.0.1' }).on('error', () => undefined)
  t.after(() => socket.destroy())
  return socket
}

/** All that comes until the broker ends the connection. */
async function answerTo(t: TestContext, port: string, bytes: string | Buffer): Promise<string> {
  const socket = open(t, port)
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
  })
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()))
  socket.write(bytes)
  await closed
  return received
}

async function scene(t: TestContext, values: Record<string, unknown> = {}) {
  const guarded = await guardedBroker(t, { connection_failed_authentication_delay_ms: 0, ...values })
  const { port } = new URL(guarded.broker.url)
  const ask = (path: string, headers = '') =>
    `GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: ${basic('alice')}\r\nconnection: close\r\n${headers}\r\n`
  return { ...guarded, port, ask, answer: (bytes: string | Buffer) => answerTo(t, port, bytes) }
}

const head = 'HTTP/1.1\r\nhost: localhost\r\n'
const none = /^$/
const badRequest = /^HTTP\/1\.1 400 /

const malformed: readonly [string, string | Buffer, RegExp][] = [
  ['a method that nobody knows', `BREW / ${head}\r\n`, badRequest],
  ['a method in lower case', `get / ${head}\r\n`, badRequest],
  ['a tunnel', `CONNECT example.com:80 ${head}\r\n`, none],
  ['no host', 'GET /health/live HTTP/1.1\r\n\r\n', badRequest],
  ['headers without an end of 17 KB', `GET / ${head}a: ${'x'.repeat(17_000)}`, /^HTTP\/1\.1 431 /],
  ['a path of 100 KB', `GET /${'x'.repeat(100_000)} ${head}\r\n`, /^HTTP\/1\.1 431 /],
  ['a length and pieces', `GET / ${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, badRequest],
  ['two lengths', `GET / ${head}content-length: 0\r\ncontent-length: 5\r\n\r\n`, badRequest],
  ['a length that is none', `GET / ${head}content-length: -1\r\n\r\n`, badRequest],
  ['a header with NUL', `GET / ${head}a: b\0c\r\n\r\n`, badRequest],
  ['a name with a space', `GET / ${head}a b: c\r\n\r\n`, badRequest],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', badRequest],
  ['a TLS hello', Buffer.from('16030100050100000100', 'hex'), badRequest],
  ["a request of Kafka's protocol", Buffer.from('000000120012000300000001000563616c6c', 'hex'), badRequest],
]

test('what is no HTTP is answered as that and closed, and the broker goes on', async (t) => {
  const { broker, answer } = await scene(t)
  for (const [what, bytes, expected] of malformed) assert.match(await answer(bytes), expected, what)
  assert.equal((await broker.get('/health/live')).status, 200)
})

test('a request for a page that has a body is 413, and nothing of the body is read', async (t) => {
  const { ask, answer } = await scene(t)
  for (const path of ['/health/live', '/metrics']) {
    assert.match(await answer(ask(path, 'content-length: 100000000\r\n')), /^HTTP\/1\.1 413 /, path)
    assert.match(await answer(ask(path, 'transfer-encoding: chunked\r\n')), /^HTTP\/1\.1 413 /, path)
  }
  const kept = `POST /api/groups ${head}content-length: 100000000\r\n\r\n`
  assert.match(await answer(kept), /^HTTP\/1\.1 405 /)
  assert.match(await answer(`POST /nothing ${head}transfer-encoding: chunked\r\n\r\n`), /^HTTP\/1\.1 404 /)
})

const paths: readonly [string, number][] = [
  ['/api/groups/../../metrics', 403],
  ['/api/groups/%2e%2e/%2e%2e/metrics', 403],
  ['/./metrics', 403],
  ['/metrics?needs=nothing', 403],
  ['/METRICS', 404],
  ['/metrics/', 404],
  ['//metrics', 404],
  ['/metrics%00', 404],
  ['/metrics%2f', 404],
  ['/api/groups/..%2f..%2fmetrics', 403],
  ['/api/groups/%00', 403],
  ['/api/groups/%zz', 400],
  ['/api/groups/%ff', 400],
  ['/api/groups/__proto__', 403],
  ['/api/groups/constructor/timeline', 403],
  ['/api/security/users?name=*', 403],
  ['http://localhost/metrics', 403],
]

test('no way of writing a path leads past what it needs', async (t) => {
  const { ask, answer } = await scene(t)
  for (const [path, status] of paths) {
    assert.match(await answer(ask(path)), new RegExp(`^HTTP/1\\.1 ${status} `), path)
  }
})

test('other methods are 405, and an offer of another protocol is not taken up', async (t) => {
  const { answer } = await scene(t)
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    const said = await answer(`${method} /api/groups ${head}connection: close\r\n\r\n`)
    assert.match(said, /^HTTP\/1\.1 405 .*allow: GET, HEAD/is, method)
  }
  const offer = `GET /health/live ${head}connection: upgrade, close\r\nupgrade: websocket\r\n\r\n`
  assert.match(await answer(offer), /^HTTP\/1\.1 200 /)
})

test('requests sent ahead are answered in their order', async (t) => {
  const { answer, ask } = await scene(t)
  const kept = (path: string) => `GET ${path} ${head}\r\n`
  const said = await answer(kept('/health/live') + kept('/nothing') + kept('/metrics') + ask('/metrics'))
  assert.deepEqual(said.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 401', 'HTTP/1.1 403'])
})

test('who sends a thousand guesses ahead has the first of them looked at, and is cut off', async (t) => {
  const { broker, answer } = await scene(t, { connection_failed_authentication_delay_ms: 10_000 })
  const guess = `GET /metrics ${head}authorization: ${basic('alice', 'guessed-secret')}\r\n\r\n`
  assert.equal(await answer(guess.repeat(1_000)), '')
  assert.equal((await broker.get('/health/live')).status, 200)
})

test('above the limit of connections the one goes that has asked for nothing for longest', async (t) => {
  const { port, answer } = await scene(t)
  const held = Array.from({ length: usualHttpLimits.maxConnections }, () => open(t, port))
  await Promise.all(held.map((socket) => once(socket, 'connect')))
  const ends = Promise.race(held.map((socket) => once(socket, 'close')))
  assert.match(await answer(`GET /health/live ${head}connection: close\r\n\r\n`), /^HTTP\/1\.1 200 /)
  await ends
})
