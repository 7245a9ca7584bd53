import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { type Arrival, type ByteSink, type ByteStream, nodeNetwork, TlsError, type TlsListen } from '../../src/index.js'

function pem(name: string): string {
  return readFileSync(new URL(`../../../../../test/support/certificates/${name}`, import.meta.url), 'utf8')
}

const broker = { cert: pem('broker.pem'), key: pem('broker.key') }
const elsewhere = { cert: pem('elsewhere.pem'), key: pem('elsewhere.key') }
const alice = { cert: pem('client.pem'), key: pem('client.key') }
const content = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31) & 0xff))

/** Keeps what comes, in pieces of memory that are smaller than a TLS record. */
class Collector implements ByteSink {
  received(count: number): void {
    this.bytes = Buffer.concat([this.bytes, this.#room.subarray(0, count)])
    this.#wake()
  }
  bytes = Buffer.alloc(0)
  readonly closings: (Error | undefined)[] = []
  #room = Buffer.alloc(0)
  #wake: () => void = () => undefined

  target(): Uint8Array {
    this.#room = Buffer.alloc(1000)
    return this.#room
  }

  drained(): void {
    // What is written here is small.
  }

  closed(error?: Error): void {
    this.closings.push(error)
    this.#wake()
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

/** A listener that collects what its peers send. */
async function listening(options: Partial<TlsListen> = {}) {
  const refusals: string[] = []
  const waiting: ((reason: string) => void)[] = []
  const streams: { stream: ByteStream; sink: Collector }[] = []
  const accepted: ((one: { stream: ByteStream; sink: Collector }) => void)[] = []
  let isOver = false
  const listener = await nodeNetwork.listen(
    { host: '127.0.0.1', port: 0 },
    (stream) => {
      const one = { stream, sink: new Collector() }
      stream.start(one.sink)
      // Its handshake was under way when the test ended.
      if (isOver) stream.destroy()
      streams.push(one)
      accepted.shift()?.(one)
    },
    {
      identities: { own: broker, named: new Map() },
      clientAuth: 'none',
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      handshakeTimeoutMs: 60_000,
      // As the broker does.
      arrived: (arrival) => arrival.awaitHello(() => arrival.shake()),
      onRefused: (_remote, reason) => {
        refusals.push(reason)
        waiting.shift()?.(reason)
      },
      ...options,
    },
  )
  return {
    listener,
    port: listener.address.port,
    streams,
    refusals,
    nextStream: () => new Promise<{ stream: ByteStream; sink: Collector }>((resolve) => accepted.push(resolve)),
    nextRefusal: () => new Promise<string>((resolve) => waiting.push(resolve)),
    [Symbol.asyncDispose]: () => {
      isOver = true
      for (const { stream } of streams) stream.destroy()
      return listener.close()
    },
  }
}

/** A client that has heard of no end would keep the process. */
const clients: Socket[] = []
after(() => {
  for (const socket of clients) socket.destroy()
})

function client(port: number, options: ConnectionOptions = {}): TLSSocket {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: pem('ca.pem'), ...options })
  clients.push(socket)
  return socket.on('error', () => undefined)
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`what comes over ${version} lands in the memory of the sink, all bytes in order`, async () => {
    await using place = await listening()
    const stream = place.nextStream()
    const socket = client(place.port, { minVersion: version, maxVersion: version })
    socket.write(content)
    const { sink } = await stream
    await sink.until(() => sink.bytes.length === content.length)
    assert.ok(sink.bytes.equals(content))
    socket.end()
    await sink.until(() => sink.closings.length > 0)
    assert.deepEqual(sink.closings, [undefined])
  })
}

test('without a say in when handshakes begin they begin at once', async () => {
  await using place = await listening({ arrived: undefined })
  const stream = place.nextStream()
  client(place.port).write('first words')
  const { sink } = await stream
  await sink.until(() => sink.bytes.toString() === 'first words')
})

/** Listens, and leaves what has come to the test. */
async function held() {
  const arrivals: ((arrival: Arrival) => void)[] = []
  const place = await listening({ arrived: (arrival) => arrivals.shift()?.(arrival) })
  return { place, nextArrival: () => new Promise<Arrival>((resolve) => arrivals.push(resolve)) }
}

test('a connection waits for its handshake until it is begun, tells where it comes from, and when it is gone', async () => {
  const { place, nextArrival } = await held()
  await using _ = place
  const arriving = nextArrival()
  const socket = client(place.port)
  const arrival = await arriving
  assert.equal(arrival.remote.host, '127.0.0.1')
  const gone = new Promise<void>((resolve) => arrival.onGone(resolve))
  await new Promise<void>((ready) => arrival.awaitHello(ready))
  assert.equal(place.streams.length, 0)
  const stream = place.nextStream()
  arrival.shake()
  const { stream: near } = await stream
  assert.equal(near.remote.port, arrival.remote.port)
  socket.destroy()
  await gone
})

test('a hello that comes in pieces is awaited to its end; what is none is for TLS to refuse', async () => {
  const { place, nextArrival } = await held()
  await using _ = place
  let arriving = nextArrival()
  const pieces = connectTcp(place.port, '127.0.0.1')
  clients.push(pieces)
  const arrival = await arriving
  let isReady = false
  const ready = new Promise<void>((resolve) =>
    arrival.awaitHello(() => {
      isReady = true
      resolve()
    }),
  )
  for (const piece of ['16', '0301', '0004', '010000']) {
    pieces.write(Buffer.from(piece, 'hex'))
    await new Promise(setImmediate)
    assert.equal(isReady, false)
  }
  pieces.write(Buffer.from('00', 'hex'))
  await ready
  arrival.destroy()
  arriving = nextArrival()
  const stranger = connectTcp(place.port, '127.0.0.1')
  clients.push(stranger.on('error', () => undefined))
  stranger.write('GET / HTTP/1.1\r\n\r\n')
  const other = await arriving
  await new Promise<void>((resolve) => other.awaitHello(resolve))
  const refusal = place.nextRefusal()
  other.shake()
  assert.match(await refusal, /wrong version number|http request/)
})

test('what is closed before or in the middle of its handshake is no refusal of TLS', async () => {
  const { place, nextArrival } = await held()
  await using _ = place
  for (const isShaking of [false, true]) {
    const arriving = nextArrival()
    const socket = client(place.port)
    const arrival = await arriving
    const gone = new Promise<void>((resolve) => arrival.onGone(resolve))
    if (isShaking) arrival.shake()
    arrival.destroy()
    arrival.shake()
    await gone
    if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
  }
  assert.deepEqual(place.refusals, [])
})

test('what is sent together with the end of the handshake is not lost', async () => {
  await using place = await listening()
  const stream = place.nextStream()
  // Written before the connection is there: it leaves in the same turn as Finished.
  client(place.port).write('first words')
  const { sink } = await stream
  await sink.until(() => sink.bytes.length > 0)
  assert.equal(sink.bytes.toString(), 'first words')
})

test('what is written arrives, and the end of it as an end', async () => {
  await using place = await listening()
  const stream = place.nextStream()
  const socket = client(place.port)
  const parts: Buffer[] = []
  socket.on('data', (part) => parts.push(part))
  const { stream: near } = await stream
  near.write([content.subarray(0, 10), content.subarray(10)])
  near.end()
  await once(socket, 'end')
  assert.ok(Buffer.concat(parts).equals(content))
})

test('a record that is damaged on its way ends its connection with an error, and no other', async () => {
  await using place = await listening()
  const beside = place.nextStream()
  const other = client(place.port)
  const { sink: unharmed } = await beside
  const stream = place.nextStream()
  const { far, near } = await throughRelay(place.port)
  const { sink } = await stream
  near.write(Buffer.from('17030300200000000000000000000000000000000000000000000000000000000000000000', 'hex'))
  await sink.until(() => sink.closings.length > 0)
  assert.equal(sink.closings.length, 1)
  other.write('still here')
  await unharmed.until(() => unharmed.bytes.length > 0)
  far.destroy()
})

/** A client whose bytes can be followed by others. */
async function throughRelay(port: number): Promise<{ far: TLSSocket; near: Socket }> {
  const near = connectTcp(port, '127.0.0.1').on('error', () => undefined)
  clients.push(near)
  await once(near, 'connect')
  const far = connect({ socket: near, servername: 'localhost', ca: pem('ca.pem') }).on('error', () => undefined)
  await once(far, 'secureConnect')
  return { far, near }
}

test('a client is known by its certificate where it is asked for one', async () => {
  for (const clientAuth of ['requested', 'required'] as const) {
    await using place = await listening({
      clientAuth,
      identities: { own: { ...broker, ca: pem('ca.pem') }, named: new Map() },
    })
    const stream = place.nextStream()
    client(place.port, alice)
    assert.match(Buffer.from((await stream).stream.peerCertificate ?? []).toString('latin1'), /alice/)
  }
})

test('who shows no certificate comes in where it is requested, and not where it is required', async () => {
  const own = { ...broker, ca: pem('ca.pem') }
  await using open = await listening({ clientAuth: 'requested', identities: { own, named: new Map() } })
  const stream = open.nextStream()
  client(open.port)
  assert.equal((await stream).stream.peerCertificate, undefined)
  await using closed = await listening({ clientAuth: 'required', identities: { own, named: new Map() } })
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const refusal = closed.nextRefusal()
    await assert.rejects(once(client(closed.port, { maxVersion }), 'close'), { code: /^ERR_SSL_\w+_ALERT_/ })
    assert.equal(await refusal, 'it shows no certificate')
  }
  assert.equal(closed.streams.length, 0)
})

test('a certificate of another authority, or that is over, is refused where one is requested, too', async () => {
  for (const clientAuth of ['requested', 'required'] as const) {
    for (const [ca, shown] of [
      ['foreign.pem', alice],
      ['ca.pem', { cert: pem('over.pem'), key: pem('over.key') }],
    ] as const) {
      const identities = { own: { ...broker, ca: pem(ca) }, named: new Map() }
      await using place = await listening({ clientAuth, identities })
      const refusal = place.nextRefusal()
      client(place.port, shown)
      assert.match(await refusal, /cannot be verified/)
      assert.equal(place.streams.length, 0)
    }
  }
})

test('clients choose a certificate by the name they ask for; an odd name gets the own one', async () => {
  await using place = await listening({
    identities: { own: broker, named: new Map([['*.example', elsewhere]]) },
  })
  const shownTo = async (servername: string): Promise<string | string[] | undefined> => {
    const socket = client(place.port, { servername, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const { subjectaltname } = socket.getPeerCertificate()
    socket.destroy()
    return subjectaltname
  }
  assert.match(String(await shownTo('broker.example')), /broker\.example/)
  for (const odd of ['other.test', '', 'x'.repeat(250), '..', '*', 'a.b.example', '__proto__']) {
    assert.match(String(await shownTo(odd)), /localhost/, odd)
  }
})

test('a listener whose certificates are renewed still knows other names, and who signs for clients', async () => {
  const identities = { own: { ...broker, ca: pem('ca.pem') }, named: new Map([['*.example', elsewhere]]) }
  await using place = await listening({ clientAuth: 'requested', identities })
  place.listener.renew?.(identities)
  const stream = place.nextStream()
  const socket = client(place.port, { ...alice, servername: 'broker.example' })
  await once(socket, 'secureConnect')
  assert.match(String(socket.getPeerCertificate().subjectaltname), /broker\.example/)
  assert.match(Buffer.from((await stream).stream.peerCertificate ?? []).toString('latin1'), /alice/)
})

test('renewed certificates are shown to new connections, and open ones go on', async () => {
  await using place = await listening()
  const stream = place.nextStream()
  const socket = client(place.port)
  const { sink } = await stream
  place.listener.renew?.({ own: elsewhere, named: new Map() })
  const renewed = client(place.port, { servername: 'broker.example' })
  await once(renewed, 'secureConnect')
  socket.write('still here')
  await sink.until(() => sink.bytes.length > 0)
  assert.throws(() => place.listener.renew?.({ own: { ...broker, key: elsewhere.key }, named: new Map() }), TlsError)
  const again = client(place.port, { servername: 'broker.example' })
  await once(again, 'secureConnect')
})

test('what is no TLS, or ends before it is done, is refused with a reason', async () => {
  // Who is held back is for whoever holds it.
  await using place = await listening({ handshakeTimeoutMs: 200, arrived: undefined })
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01', '']) {
    const refusal = place.nextRefusal()
    const socket = connectTcp(place.port, '127.0.0.1').on('error', () => undefined)
    socket.write(bytes)
    assert.ok((await refusal).length > 0)
    socket.destroy()
  }
  assert.equal(place.streams.length, 0)
})

test('lower versions than the lowest are refused', async () => {
  await using place = await listening({ minVersion: 'TLSv1.3' })
  const refusal = place.nextRefusal()
  client(place.port, { maxVersion: 'TLSv1.2' })
  assert.match(await refusal, /version|protocol/i)
})

test('certificate and key that do not fit are a TlsError', async () => {
  const own = { cert: pem('broker.pem'), key: pem('elsewhere.key') }
  await assert.rejects(listening({ identities: { own, named: new Map() } }), TlsError)
})
