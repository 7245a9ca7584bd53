import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect } from 'node:tls'
import { openLog } from '@rivven/broker'
import { pem, pemFile } from '../support/certificates.js'
import { eventually } from '../support/eventually.js'
import { ownBroker } from '../support/own-broker.js'

/** A broker that knows clients by their certificates, with its own in files that a test may change, and what its audit log says. */
async function scene(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'rivven-audit-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const put = (name: string): void => {
    copyFileSync(pemFile(`${name}.pem`), join(folder, 'cert.pem'))
    copyFileSync(pemFile(`${name}.key`), join(folder, 'key.pem'))
  }
  put('broker')
  const lines: string[] = []
  const broker = await ownBroker(
    {
      listeners: 'SSL://127.0.0.1:0',
      ...{ ssl_certificate_location: join(folder, 'cert.pem'), ssl_key_location: join(folder, 'key.pem') },
      ...{ ssl_client_auth: 'required', ssl_ca_location: pemFile('ca.pem') },
      ...{ authorizer_class_name: 'standard', log_level: 'debug' },
    },
    { auditToStderr: (line) => lines.push(line), log: openLog('debug', { write: () => undefined }) },
  )
  context.after(() => broker.close())
  const told = () => lines.map((line) => JSON.parse(line)).map(sentence)
  return { broker, put, told }
}

interface Line {
  readonly principal: string
  readonly operation: string
  readonly resource: string
  readonly outcome: string
  readonly detail: string
}

function sentence({ principal, operation, resource, outcome, detail }: Line): string {
  return `${principal}: ${operation} ${resource}: ${outcome} (${detail})`
}

test('the audit log tells of logins by certificate: who came, and who did not, and why', async (context) => {
  const { broker, told } = await scene(context)
  const comes = async (name: string): Promise<void> => {
    const { port } = broker.address
    const options = { port, host: '127.0.0.1', servername: 'localhost', ca: pem('ca.pem') }
    const socket = connect({ ...options, cert: pem(`${name}.pem`), key: pem(`${name}.key`) })
    socket.on('error', () => undefined)
    await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')])
    const expected = name === 'client' ? 'done' : 'failed'
    await eventually(() => assert.ok(told().some((line) => line.includes(`: ${expected} (SSL`))))
    socket.destroy()
  }
  await comes('client')
  await comes('over')
  assert.deepEqual(told(), [
    'User:CN=alice,O=Orders: LOGIN USER: done (SSL)',
    'User:ANONYMOUS: LOGIN USER: failed (SSL: its certificate cannot be verified: CERT_HAS_EXPIRED)',
  ])
})

test('the audit log tells of certificates that were renewed, and of those that could not be, once', async (context) => {
  const { broker, put, told } = await scene(context)
  await broker.renewCertificates()
  assert.deepEqual(told(), [])
  put('elsewhere')
  await broker.renewCertificates()
  put('over')
  await broker.renewCertificates()
  await broker.renewCertificates()
  assert.deepEqual(told(), [
    'broker: ALTER LISTENER SSL: done (certificates)',
    'broker: ALTER LISTENER SSL: INVALID_CONFIG (certificates)',
  ])
})
