import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import {
  type Arrival,
  type HttpListener,
  type HttpOptions,
  nodeListenHttp,
  TlsError,
  type TlsListen,
} from '../../src/index.js'

function pem(name: string): string {
  return readFileSync(new URL(`../../../../../test/support/certificates/${name}`, import.meta.url), 'utf8')
}

const echo: HttpListener = (incoming, outgoing) => void outgoing.end(`asked for ${incoming.url}`)

async function serving(t: TestContext, options: HttpOptions = {}, listener = echo) {
  const server = await nodeListenHttp({ host: '127.0.0.1', port: 0 }, listener, options)
  t.after(() => server.close())
  return server
}

function raw(t: TestContext, { port }: { port: number }, text = ''): { socket: Socket; all: Promise<string> } {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined)
  t.after(() => socket.destroy())
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
  })
  socket.write(text)
  return { socket, all: closed(socket).then(() => received) }
}

/** Whatever ends it. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()))
}

test('a connection that says nothing, or a header byte by byte, is told that it is late and closed', async (t) => {
  const { address } = await serving(t, { limits: { requestTimeoutMs: 200, sweepMs: 50 } })
  const silent = raw(t, address)
  const slow = raw(t, address, 'GET / HTTP/1.1\r\nhost: x\r\n')
  const dripping = setInterval(() => slow.socket.write('a'), 20)
  t.after(() => clearInterval(dripping))
  assert.match(await silent.all, /^HTTP\/1.1 408 /)
  assert.match(await slow.all, /^HTTP\/1.1 408 /)
})

test('a connection that has asked and goes on silently is closed', async (t) => {
  const { address } = await serving(t, { limits: { idleTimeoutMs: 100 } })
  assert.match(await raw(t, address, 'GET /a HTTP/1.1\r\nhost: x\r\n\r\n').all, /asked for \/a/)
})

test('who does not take the answer is closed', async (t) => {
  const endless = Buffer.alloc(64 * 1024 * 1024)
  let gone: (() => void) | undefined
  const isGone = new Promise<void>((resolve) => {
    gone = resolve
  })
  const { address } = await serving(t, { limits: { idleTimeoutMs: 100 } }, (_incoming, outgoing) => {
    outgoing.once('close', () => gone?.()).end(endless)
  })
  const { socket } = raw(t, address, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  socket.pause()
  await isGone
})

test('headers above the limit are 431, a long path as well', async (t) => {
  const { address } = await serving(t)
  assert.match(await raw(t, address, `GET / HTTP/1.1\r\na: ${'x'.repeat(17_000)}\r\n\r\n`).all, /^HTTP\/1.1 431 /)
  assert.match(await raw(t, address, `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`).all, /^HTTP\/1.1 431 /)
})

const get = (path: string, more = '') => `GET /${path} HTTP/1.1\r\nhost: x\r\n${more}\r\n`

/** A connection that has been answered, and stays. */
async function answered(t: TestContext, address: { port: number }): Promise<Socket> {
  const { socket } = raw(t, address, get('first'))
  await once(socket, 'data')
  return socket
}

/** Resolves with the answers when they hold this. */
function told(socket: Socket, text: string): Promise<void> {
  let received = ''
  return new Promise((resolve) => {
    socket.on('data', (chunk) => {
      received += chunk
      if (received.includes(text)) resolve()
    })
  })
}

test('strangers who only sit there keep nobody out: of too many the oldest goes', async (t) => {
  const { address } = await serving(t, { limits: { maxConnections: 3 } })
  const known = await answered(t, address)
  const silent = [raw(t, address), raw(t, address)] as const
  await Promise.all(silent.map(({ socket }) => once(socket, 'connect')))
  assert.match(await raw(t, address, get('a', 'connection: close\r\n')).all, /asked for \/a/)
  assert.equal(await silent[0].all, '')
  assert.equal(silent[1].socket.destroyed, false)
  known.write(get('again'))
  await told(known, 'asked for /again')
})

test('who has been answered and sits there makes room as well', async (t) => {
  const { address } = await serving(t, { limits: { maxConnections: 2 } })
  const [oldest, used] = [await answered(t, address), await answered(t, address)]
  const isGone = closed(oldest)
  assert.match(await raw(t, address, get('a', 'connection: close\r\n')).all, /asked for \/a/)
  await isGone
  used.write(get('again'))
  await told(used, 'asked for /again')
})

test('where all are being answered one more is closed, and takes no place of those that follow', async (t) => {
  const releases: (() => void)[] = []
  const { address } = await serving(t, { limits: { maxConnections: 2 } }, (incoming, outgoing) => {
    if (incoming.url === '/held') releases.push(() => void outgoing.end('released'))
    else outgoing.end(`asked for ${incoming.url}`)
  })
  // Each asks for two, one behind the other.
  const held = [raw(t, address, get('held') + get('held')), raw(t, address, get('held'))]
  while (releases.length < 2) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(await raw(t, address, get('a')).all, '')
  releases.shift()?.()
  releases.shift()?.()
  while (releases.length < 1) await new Promise((resolve) => setImmediate(resolve))
  assert.match(await raw(t, address, get('b', 'connection: close\r\n')).all, /asked for \/b/)
  assert.equal(held[0]?.socket.destroyed, false)
})

test('requests sent ahead are begun one after the other, and too many of them end the connection', async (t) => {
  const begun: string[] = []
  const releases: (() => void)[] = []
  const { address } = await serving(t, {}, (incoming, outgoing) => {
    begun.push(incoming.url ?? '')
    releases.push(() => void outgoing.end(`asked for ${incoming.url}`))
  })
  const ask = (name: string) => `GET /${name} HTTP/1.1\r\nhost: x\r\n\r\n`
  const { socket } = raw(t, address, ask('a') + ask('b') + ask('c'))
  const answers: string[] = []
  socket.on('data', (chunk) => answers.push(...(String(chunk).match(/asked for \/\w/g) ?? [])))
  while (answers.length < 3) {
    await new Promise((resolve) => setImmediate(resolve))
    assert.ok(begun.length <= answers.length + 1, `${begun} were begun when ${answers} were answered`)
    releases.shift()?.()
  }
  assert.deepEqual(answers, ['asked for /a', 'asked for /b', 'asked for /c'])
  const flood = raw(t, address, ask('f').repeat(1_000))
  assert.equal(await flood.all, '')
  assert.deepEqual(begun, ['/a', '/b', '/c', '/f'])
})

const broker = { cert: pem('broker.pem'), key: pem('broker.key') }
const elsewhere = { cert: pem('elsewhere.pem'), key: pem('elsewhere.key') }

function terms(refused: string[], more: Partial<TlsListen> = {}): TlsListen {
  return {
    identities: { own: broker, named: new Map([['broker.example', elsewhere]]) },
    clientAuth: 'none',
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    handshakeTimeoutMs: 10_000,
    onRefused: (_remote, reason) => void refused.push(reason),
    ...more,
  }
}

async function getOver(port: number, options: object): Promise<{ text: string; names: string | undefined }> {
  const asked = request({ port, host: '127.0.0.1', rejectUnauthorized: false, agent: false, ...options }).end()
  const [response] = await once(asked, 'response')
  const { subjectaltname: names } = response.socket.getPeerCertificate()
  let text = ''
  for await (const chunk of response) text += chunk
  return { text, names }
}

test('HTTPS has the certificates of its listener by name, and takes others while it runs', async (t) => {
  const server = await serving(t, { tls: terms([]) })
  const { port } = server.address
  const own = await getOver(port, { path: '/x' })
  assert.equal(own.text, 'asked for /x')
  assert.match(own.names ?? '', /localhost/)
  assert.match((await getOver(port, { servername: 'broker.example' })).names ?? '', /broker\.example/)
  server.renew?.({ own: elsewhere, named: new Map() })
  assert.match((await getOver(port, {})).names ?? '', /broker\.example/)
  assert.throws(() => server.renew?.({ own: { cert: 'rubbish', key: 'rubbish' }, named: new Map() }), TlsError)
})

test('a certificate that nobody trusted has signed is not let in, nor is what is no TLS', async (t) => {
  const refused: string[] = []
  const trusting = (ca: string) =>
    terms(refused, { clientAuth: 'requested', identities: { own: { ...broker, ca: pem(ca) }, named: new Map() } })
  const alice = { cert: pem('client.pem'), key: pem('client.key') }
  const open = await serving(t, { tls: trusting('ca.pem') })
  assert.equal((await getOver(open.address.port, { path: '/nobody' })).text, 'asked for /nobody')
  assert.equal((await getOver(open.address.port, { path: '/alice', ...alice })).text, 'asked for /alice')
  const closed = await serving(t, { tls: trusting('foreign.pem') })
  await assert.rejects(getOver(closed.address.port, alice))
  assert.match(refused.join(), /cannot be verified/)
  await raw(t, closed.address, 'GET / HTTP/1.1\r\n\r\n').all
  assert.equal(refused.length, 2)
})

test('a handshake that does not end makes room for who comes, and is closed in time', async (t) => {
  const refused: string[] = []
  const { address } = await serving(t, {
    tls: terms(refused, { handshakeTimeoutMs: 100 }),
    limits: { maxConnections: 1 },
  })
  assert.equal(await raw(t, address).all, '')
  assert.equal(refused.length, 1)
  const slow = raw(t, address)
  await once(slow.socket, 'connect')
  assert.equal((await getOver(address.port, { path: '/next' })).text, 'asked for /next')
  assert.equal(await slow.all, '')
})

test('handshakes begin when the listener says so, and late requests are looked for all the same', async (t) => {
  const waiting: Arrival[] = []
  const { address } = await serving(t, {
    tls: terms([], { arrived: (arrival) => void waiting.push(arrival) }),
    limits: { requestTimeoutMs: 200, sweepMs: 50 },
  })
  const asked = getOver(address.port, { path: '/a' })
  while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve))
  waiting.shift()?.shake()
  assert.equal((await asked).text, 'asked for /a')
  const silent = connectTls({ port: address.port, host: '127.0.0.1', rejectUnauthorized: false })
  t.after(() => silent.destroy())
  while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve))
  waiting.shift()?.shake()
  const [answer] = await once(silent, 'data')
  assert.match(String(answer), /^HTTP\/1.1 408 /)
})
