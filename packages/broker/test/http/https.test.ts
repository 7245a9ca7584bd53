import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { basic, guardedBroker } from './guarded-broker.js'

const certificate = (name: string) => join(import.meta.dirname, '../../../../../test/support/certificates', name)
const ca = readFileSync(certificate('ca.pem'))

/** A broker whose HTTP has certificate and key in files of their own. */
async function scene(t: TestContext, values: Record<string, unknown> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'rivven-https-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const put = (name: string): void => {
    copyFileSync(certificate(`${name}.pem`), join(folder, 'cert.pem'))
    copyFileSync(certificate(`${name}.key`), join(folder, 'key.pem'))
  }
  put('broker')
  const { broker } = await guardedBroker(t, {
    http_security_protocol: 'HTTPS',
    ...{ ssl_certificate_location: join(folder, 'cert.pem'), ssl_key_location: join(folder, 'key.pem') },
    ...values,
  })
  const ask = async (path: string, options: object = {}) => {
    const { port } = broker.broker.httpAddress ?? {}
    const [answer] = await once(get({ host: 'localhost', port, path, ca, agent: false, ...options }), 'response')
    let text = ''
    for await (const chunk of answer) text += chunk
    return { status: answer.statusCode as number, text, names: answer.socket.getPeerCertificate().subjectaltname }
  }
  return { put, ask, broker: broker.broker }
}

test('passwords go over TLS, and metrics say when its certificate is over', async (t) => {
  const { ask, broker } = await scene(t)
  assert.equal(broker.isHttpEncrypted, true)
  assert.equal((await ask('/health/live')).status, 200)
  assert.equal((await ask('/metrics')).status, 401)
  const { status, text } = await ask('/metrics', { headers: { authorization: basic('root') } })
  assert.equal(status, 200)
  assert.match(text, /^rivven_ssl_certificate_expiry_timestamp_seconds\{listener="HTTP"\} \d{10}/m)
})

test('metrics count handshakes that are done, and those that fail', async (t) => {
  const { ask } = await scene(t)
  await assert.rejects(ask('/health/live', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1' }))
  for (let time = 0; time < 2; time++) await ask('/health/live')
  const { text } = await ask('/metrics', { headers: { authorization: basic('root') } })
  assert.match(text, /^rivven_ssl_handshakes_total\{listener="HTTP",outcome="done"\} 3$/m)
  assert.match(text, /^rivven_ssl_handshakes_total\{listener="HTTP",outcome="failed"\} 1$/m)
})

test('another certificate in the files is shown to the next connection', async (t) => {
  const { ask, put, broker } = await scene(t)
  assert.match((await ask('/health/live')).names, /localhost/)
  put('elsewhere')
  await broker.renewCertificates()
  assert.match((await ask('/health/live', { servername: 'broker.example' })).names, /broker\.example/)
  put('over')
  await broker.renewCertificates()
  assert.match((await ask('/health/live', { servername: 'broker.example' })).names, /broker\.example/)
})

test('HTTP has what is set for it alone: whom it asks for a certificate, and which it shows', async (t) => {
  const required = { ssl_client_auth: 'required', ssl_ca_location: certificate('ca.pem') }
  const { ask } = await scene(t, required)
  await assert.rejects(ask('/health/live'))
  const alice = { cert: readFileSync(certificate('client.pem')), key: readFileSync(certificate('client.key')) }
  assert.equal((await ask('/health/live', alice)).status, 200)
  assert.equal((await ask('/metrics', alice)).status, 401, 'a certificate is no login')
  const { ask: askOpen } = await scene(t, { ...required, 'listener.name.http.ssl_client_auth': 'none' })
  assert.equal((await askOpen('/health/live')).status, 200)
})

test('a certificate that is over ends the start, and so does a key that is another one', async (t) => {
  const over = { ssl_certificate_location: certificate('over.pem'), ssl_key_location: certificate('over.key') }
  await assert.rejects(scene(t, over), /is over since/)
  await assert.rejects(scene(t, { ssl_key_location: certificate('client.key') }), /is not the key of the certificate/)
})
