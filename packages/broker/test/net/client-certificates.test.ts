import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect } from 'node:tls'
import { ApiVersions, decodeResponse, encodeRequest } from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import { Broker } from '../../src/broker.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { openLog } from '../../src/log-output.js'
import { memoryStorage } from '../../src/open-storage.js'

// Clients with certificates that do not let them in, and with odd ones that do (security.md §16, S2): the connection is closed,
// and the log says why. Node decides after the handshake, so there is no alert that would say so to the client; nor does it tell how
// many certificates there were, so those that nobody needs do not count, up to the bytes that OpenSSL reads (docs/security.md).
const certificates = join(import.meta.dirname, '../../../../../test/support/certificates')
const certificate = (name: string) => join(certificates, name)
const pem = (name: string) => readFileSync(certificate(name), 'utf8')
const lines: { level: number; msg: string; peer?: string; error?: string; reason?: string }[] = []
let broker: Broker
before(async () => {
  const runtime = nodeRuntime()
  const values = {
    ...{ memory: true, http: 'off', listeners: 'SSL://127.0.0.1:0', ssl_client_auth: 'required' },
    ssl_certificate_location: certificate('broker.pem'),
    ssl_key_location: certificate('broker.key'),
    ssl_ca_location: certificate('strict-ca.pem'),
    ssl_crl_location: certificate('strict.crl.pem'),
  }
  const config = brokerConfig([{ from: 'test', values }])
  const log = openLog('info', { write: (line) => void lines.push(JSON.parse(line)) })
  broker = await Broker.start({ config, runtime, storage: memoryStorage(runtime), log })
})
after(() => broker.close())

function client(name: string, more = '') {
  const shown = { cert: pem(`${name}.pem`) + more, key: pem(`${name}.key`) }
  const socket = connect({ port: broker.address.port, host: '127.0.0.1', rejectUnauthorized: false, ...shown })
  return socket.on('error', () => undefined)
}

/** A chain of 100 in all. */
const crowd = pem('over.pem').repeat(99)
const foreign = 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_CRL'

for (const [what, name, more, why] of [
  ['that is revoked', 'revoked', '', 'CERT_REVOKED'],
  ['that is not valid yet', 'early', '', 'CERT_NOT_YET_VALID'],
  ['of another authority', 'client', '', foreign],
  ['of another authority and 99 behind it', 'client', crowd, foreign],
  ['and a chain of more bytes than OpenSSL reads', 'crowded', pem('crowded.pem').repeat(9), 'excessive message size'],
] as const)
  test(`S2: a client with a certificate ${what} does not come in, and the log says why`, async () => {
    const socket = client(name, more)
    let received = 0
    socket.on('data', (bytes: Buffer) => {
      received += bytes.length
    })
    for (const chunk of encodeRequest(ApiVersions, 0, { correlationId: 1, clientId: 'c' }, {})) socket.write(chunk)
    await new Promise<void>((resolve) => socket.once('close', () => resolve()))
    assert.equal(received, 0)
    // Each reason is told once a minute.
    assert.match(JSON.stringify(lines), new RegExp(why))
  })

for (const [what, more] of [
  ['a thousand names', ''],
  ['a thousand names and 99 certificates behind it that nobody needs', crowd],
] as const)
  test(`S2: a certificate with ${what} is one as others`, async () => {
    const socket = client('crowded', more)
    for (const chunk of encodeRequest(ApiVersions, 0, { correlationId: 1, clientId: 'c' }, {})) socket.write(chunk)
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    assert.equal(decodeResponse(ApiVersions, 0, bytes.subarray(4)).message.errorCode, 0)
    socket.destroy()
  })
