import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { ApiVersions, decodeResponse, encodeRequest } from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import { Broker } from '../../src/broker.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { openLog, silentLog } from '../../src/log-output.js'
import { memoryStorage } from '../../src/open-storage.js'

const certificates = join(import.meta.dirname, '../../../../../test/support/certificates')
const certificate = (name: string) => join(certificates, name)
const own = { ssl_certificate_location: certificate('broker.pem'), ssl_key_location: certificate('broker.key') }
const runtime = nodeRuntime()

async function started(values: Record<string, unknown>, log = silentLog()): Promise<Broker> {
  const config = brokerConfig([{ from: 'test', values: { memory: true, http: 'off', ...values } }])
  return Broker.start({ config, runtime, storage: memoryStorage(runtime), log })
}

/** A client that has heard of no end would keep the process. */
const clients: Socket[] = []
after(() => {
  for (const socket of clients) socket.destroy()
})

function client(broker: Broker, options: object = {}): TLSSocket {
  const { port } = broker.address
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  clients.push(socket)
  return socket.on('error', () => undefined)
}

async function askVersions(socket: TLSSocket): Promise<number> {
  for (const chunk of encodeRequest(ApiVersions, 0, { correlationId: 1, clientId: 'c' }, {})) socket.write(chunk)
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  return decodeResponse(ApiVersions, 0, bytes.subarray(4)).message.errorCode
}

test('a listener with TLS answers as one without', async () => {
  const broker = await started({ listeners: 'SSL://127.0.0.1:0', ...own })
  try {
    assert.equal(await askVersions(client(broker)), 0)
    assert.deepEqual(
      broker.listeners.map(({ name, protocol }) => `${name} ${protocol}`),
      ['SSL SSL'],
    )
  } finally {
    await broker.close()
  }
})

test('a certificate whose name fits no rule does not come in', async () => {
  const asked = { ssl_client_auth: 'required', ssl_ca_location: certificate('ca.pem') }
  const { readFileSync } = await import('node:fs')
  const alice = { cert: readFileSync(certificate('client.pem')), key: readFileSync(certificate('client.key')) }
  const rules = { ssl_principal_mapping_rules: 'RULE:CN=bob.*/bob/' }
  const broker = await started({ listeners: 'SSL://127.0.0.1:0', ...own, ...asked, ...rules })
  try {
    const socket = client(broker, alice)
    await once(socket, 'close')
  } finally {
    await broker.close()
  }
  const open = await started({ listeners: 'SSL://127.0.0.1:0', ...own, ...asked })
  try {
    assert.equal(await askVersions(client(open, alice)), 0)
  } finally {
    await open.close()
  }
})

test('other certificates in the files are shown after the next look, unless they are of no use', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rivven-tls-'))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const put = (name: string): void => {
    copyFileSync(certificate(`${name}.pem`), cert)
    copyFileSync(certificate(`${name}.key`), key)
  }
  put('broker')
  const broker = await started({
    listeners: 'SSL://127.0.0.1:0',
    ssl_certificate_location: cert,
    ssl_key_location: key,
  })
  const names = async (): Promise<string | undefined> => {
    const socket = client(broker)
    await once(socket, 'secureConnect')
    const { subjectaltname } = socket.getPeerCertificate()
    socket.destroy()
    return subjectaltname
  }
  try {
    assert.match((await names()) ?? '', /localhost/)
    put('elsewhere')
    await broker.renewCertificates()
    assert.match((await names()) ?? '', /broker\.example/)
    for (const useless of ['', 'rubbish']) {
      writeFileSync(cert, useless)
      await broker.renewCertificates()
      assert.match((await names()) ?? '', /broker\.example/)
    }
    copyFileSync(certificate('broker.pem'), cert)
    await broker.renewCertificates()
    assert.match((await names()) ?? '', /broker\.example/, 'certificate and key do not fit')
    put('over')
    await broker.renewCertificates()
    assert.match((await names()) ?? '', /broker\.example/, 'the certificate is over')
  } finally {
    await broker.close()
    rmSync(folder, { recursive: true })
  }
})

/** Connects and sends bytes; resolves when the broker has closed it. */
function knock(broker: Broker, bytes: string): { closed: Promise<unknown>; socket: Socket } {
  const socket = connectTcp(broker.address.port, '127.0.0.1').on('error', () => undefined)
  socket.write(Buffer.from(bytes, 'hex'))
  socket.resume()
  clients.push(socket)
  return { socket, closed: new Promise((resolve) => socket.once('close', resolve)) }
}

test('who does not do its handshake in time is closed, and told once a minute', async () => {
  const lines: string[] = []
  const log = openLog('info', { write: (line) => void lines.push(line) })
  const values = { listeners: 'SSL://127.0.0.1:0', ...own, ssl_handshake_timeout_ms: 300 }
  const broker = await started(values, log)
  try {
    await Promise.all(['', '160301', '16030100ff01'].map((bytes) => knock(broker, bytes).closed))
    const told = lines.filter((line) => line.includes('its handshake was not done in ssl_handshake_timeout_ms'))
    assert.equal(told.length, 1)
    assert.equal(await askVersions(client(broker)), 0)
  } finally {
    await broker.close()
  }
})

test('of those that do not do their handshake the oldest is closed where there are too many', async () => {
  const broker = await started({ listeners: 'SSL://127.0.0.1:0', ...own, max_unauthenticated_connections: 2 })
  try {
    const first = knock(broker, '')
    const second = knock(broker, '160301')
    // Who says hello waits for the broker, and then is known.
    const known = client(broker)
    await once(known, 'secureConnect')
    await Promise.race([first.closed, second.closed])
    assert.equal(await askVersions(known), 0)
    assert.equal(broker.connectionCount, 1)
  } finally {
    await broker.close()
  }
})

test('more handshakes than ssl_handshakes_per_second wait, and come in one after the other', async () => {
  const broker = await started({ listeners: 'SSL://127.0.0.1:0', ...own, ssl_handshakes_per_second: 5 })
  const since = performance.now()
  try {
    const sockets = Array.from({ length: 9 }, () => client(broker))
    assert.deepEqual(new Set(await Promise.all(sockets.map(askVersions))), new Set([0]))
    // Five at once, four behind them: a lower bound, which a slow machine keeps, too.
    assert.ok(performance.now() - since > 700)
  } finally {
    await broker.close()
  }
})

const refused: readonly [string, Record<string, unknown>, RegExp][] = [
  ['no certificate', {}, /SSL needs a certificate and its key/],
  [
    'a certificate that is not there',
    { ...own, ssl_certificate_location: 'nowhere.pem' },
    /nowhere\.pem cannot be read: it is not there/,
  ],
  [
    'what is no certificate',
    { ...own, ssl_certificate_location: certificate('broker.key') },
    /is no certificate in PEM/,
  ],
  [
    'what is no key',
    { ...own, ssl_key_location: certificate('broker.pem') },
    /is no key in PEM, or it needs a password/,
  ],
  [
    'a key that does not fit',
    { ...own, ssl_key_location: certificate('elsewhere.key') },
    /is not the key of the certificate/,
  ],
  [
    'a certificate that is over',
    { ssl_certificate_location: certificate('over.pem'), ssl_key_location: certificate('over.key') },
    /is over since .*put a new one/,
  ],
  ['certificates asked for without an authority', { ...own, ssl_client_auth: 'required' }, /set ssl_ca_location/],
  ['an old version of TLS', { ...own, ssl_enabled_protocols: 'TLSv1.1' }, /must be a list of TLSv1\.2, TLSv1\.3/],
  [
    'a cipher that nobody knows',
    { ...own, ssl_cipher_suites: 'NONE' },
    /certificates of the listener SSL cannot be used/,
  ],
  ['a mapping rule that is none', { ...own, ssl_principal_mapping_rules: 'RULE:(/x/' }, /ssl_principal_mapping_rules/],
  ['named certificates that are none', { ...own, ssl_certificates: [{ names: 'x' }] }, /must be a list of \{ names/],
]

for (const [name, values, sentence] of refused) {
  test(`a start with ${name} is refused with what to do`, async () => {
    await assert.rejects(started({ listeners: 'SSL://127.0.0.1:0', ...values }), {
      name: 'ConfigError',
      message: sentence,
    })
  })
}

test('a Java keystore is refused with the line that converts it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rivven-jks-'))
  const store = join(folder, 'broker.jks')
  writeFileSync(store, Buffer.from('feedfeed00000002', 'hex'))
  try {
    const values = { listeners: 'SSL://127.0.0.1:0', ssl_keystore_location: store }
    await assert.rejects(started(values), /keytool -importkeystore -srckeystore \S+broker\.jks/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
