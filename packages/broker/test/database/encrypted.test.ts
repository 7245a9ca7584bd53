import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { PostgresTls } from '../../src/database/postgres/postgres-options.js'
import { hasPostgres, PostgresUnderTest } from './postgres-under-test.js'
import { SharedSession } from './shared-session.js'
import { TlsBefore } from './tls-before.js'

const skip = !hasPostgres && 'there is no PostgreSQL'
const folder = join(import.meta.dirname, '../../../../../test/support/certificates')
const pem = (name: string) => readFileSync(join(folder, name), 'utf8')
const tls: PostgresTls = { checks: 'name', ca: pem('ca.pem'), cert: undefined, key: undefined }

/** A server that shows one of the certificates; answers how it is asked. */
async function encrypted(context: TestContext, name: 'broker' | 'elsewhere') {
  const shared = await PostgresUnderTest.start()
  const [{ host, port }] = shared.target.hosts as [{ host: string; port: number }]
  const before = await TlsBefore.start(host, port, { cert: pem(`${name}.pem`), key: pem(`${name}.key`) })
  context.after(() => before.close())
  return async (asked: Partial<PostgresTls>, as = '127.0.0.1') => {
    const hosts = [{ host: as, port: before.port }]
    const database = await shared.connect({ target: { ...shared.target, hosts, tls: { ...tls, ...asked } } })
    return database.metadata.changesSince(0).then(
      () => 'let in',
      (error: Error) => `${error.name}: ${error.message}`,
    )
  }
}

test('an encrypted database is let prove who it is, by name or by address', { skip }, async (context) => {
  const ask = await encrypted(context, 'broker')
  assert.equal(await ask({}), 'let in')
  assert.equal(await ask({}, 'localhost'), 'let in')
  assert.match(
    await ask({ ca: pem('foreign.pem') }),
    /^UnusableDatabaseError: The certificate of PostgreSQL at .* is not accepted: .*sslrootcert/,
  )
  assert.match(await ask({ ca: undefined }), /^UnusableDatabaseError: The certificate of/)
  assert.equal(await ask({ ca: undefined, checks: 'nothing' }), 'let in')
})

test('a certificate of another name is good enough where only its signature is asked for', {
  skip,
}, async (context) => {
  const ask = await encrypted(context, 'elsewhere')
  assert.match(await ask({}), /^UnusableDatabaseError: .* names others: .*altnames/)
  assert.match(await ask({}, 'localhost'), /^UnusableDatabaseError: .* names others: .*altnames/)
  assert.equal(await ask({ checks: 'signature' }), 'let in')
})

test('a pooler that shares sessions is refused: two brokers would have one lock', { skip }, async (context) => {
  const shared = await PostgresUnderTest.start()
  const [{ host, port }] = shared.target.hosts as [{ host: string; port: number }]
  const pooler = await SharedSession.before(host, port)
  context.after(() => pooler.close())
  const target = { ...shared.target, hosts: [{ host: '127.0.0.1', port: pooler.port }] }
  await assert.rejects((await shared.connect({ target })).metadata.changesSince(0), {
    name: 'UnusableDatabaseError',
    message: /behind a connection pooler that shares sessions/,
  })
})
