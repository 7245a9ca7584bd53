import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import pg from 'pg'
import { pem, pemFile } from '../support/certificates.js'
import { passwordOf, wrongPassword } from '../support/passwords.js'
import { PostgresServer } from '../support/postgres/server.js'
import { RivvendProcess } from '../support/rivvend-process.js'

/** It asks for a password, for one of a certificate's owners, and lets nobody else in but its superuser. */
const server = await PostgresServer.start({ password_encryption: 'scram-sha-256' })
const skip = typeof server === 'string' && server
const folder = mkdtempSync(join(tmpdir(), 'rivven-logins-'))
after(async () => {
  rmSync(folder, { recursive: true })
  if (typeof server !== 'string') await server.remove()
})

/** The name in the certificate that tests log in with. */
const BY_CERTIFICATE = 'alice'
const KNOWN_BY_SCRAM = 'rivven'

async function secure(server: PostgresServer): Promise<void> {
  const client = new pg.Client(server.url)
  await client.connect()
  await client.query(`create role ${KNOWN_BY_SCRAM} login password '${passwordOf(KNOWN_BY_SCRAM)}'`)
  await client.query(`create role ${BY_CERTIFICATE} login`)
  for (const role of [KNOWN_BY_SCRAM, BY_CERTIFICATE])
    await client.query(`create schema of_${role} authorization ${role}`)
  await client.end()
  for (const [name, source] of [
    ['server.crt', 'broker.pem'],
    ['server.key', 'broker.key'],
    ['root.crt', 'ca.pem'],
  ] as const)
    server.put(name, pem(source))
  server.put(
    'pg_hba.conf',
    [
      `local all ${KNOWN_BY_SCRAM} scram-sha-256`,
      `hostssl all ${KNOWN_BY_SCRAM} 127.0.0.1/32 scram-sha-256`,
      `hostssl all ${BY_CERTIFICATE} 127.0.0.1/32 cert`,
      '',
    ].join('\n'),
  )
  const files = { ssl_cert_file: 'server.crt', ssl_key_file: 'server.key', ssl_ca_file: 'root.crt' }
  server.configure({ ssl: 'on', ...files, unix_socket_directories: server.folder })
  await server.stop('fast')
  await server.start()
}

if (typeof server !== 'string') await secure(server)

/** What a broker says that is started on this URL: that it is ready, or why it is not. */
async function start(url: string, settings: Record<string, string> = {}): Promise<string> {
  const log = join(folder, 'log')
  writeFileSync(log, '')
  const args = ['--storage', url, '--http', 'off']
  const broker = new RivvendProcess({ port: 0, args, settings: { log_level: 'warn', ...settings }, log })
  const said = await broker.start().then(
    () => 'ready',
    () => readFileSync(log, 'utf8').trim(),
  )
  await broker.end('SIGTERM')
  return said
}

test('a database is reached over a Unix socket, with a password from a file that SCRAM proves', { skip }, async () => {
  assert.ok(typeof server !== 'string')
  const file = join(folder, 'password')
  writeFileSync(file, `${passwordOf(KNOWN_BY_SCRAM)}\n`, { mode: 0o600 })
  const { folder: sockets, port } = server
  const url = `postgres://${KNOWN_BY_SCRAM}@/postgres?host=${sockets}&port=${port}&schema=of_${KNOWN_BY_SCRAM}`
  assert.equal(await start(url, { storage_password_file: file }), 'ready')
})

test('a database is reached over TLS, with a password or a certificate, where it proves who it is', {
  skip,
}, async () => {
  assert.ok(typeof server !== 'string')
  const at = `127.0.0.1:${server.port}/postgres?sslmode=verify-full&schema=of_`
  const proved = `sslrootcert=${pemFile('ca.pem')}`
  const owner = `sslcert=${pemFile('client.pem')}&sslkey=${pemFile('client.key')}`
  const byPassword = (password: string) => `postgres://${KNOWN_BY_SCRAM}:${password}@${at}${KNOWN_BY_SCRAM}`
  const byCertificate = `postgres://${BY_CERTIFICATE}@${at}${BY_CERTIFICATE}`
  assert.equal(await start(`${byPassword(passwordOf(KNOWN_BY_SCRAM))}&${proved}`), 'ready')
  assert.equal(await start(`${byCertificate}&${proved}&${owner}`), 'ready')
  for (const [url, sentence] of [
    [`${byPassword(wrongPassword)}&${proved}`, /refuses the password of rivven\. Give the right one/],
    [`${byCertificate}&${proved}`, /does not let alice in: connection requires a valid client certificate/],
    [`${byCertificate}&sslrootcert=${pemFile('foreign.pem')}&${owner}`, /is not accepted: .*sslrootcert=FILE/],
    [
      `${byPassword(passwordOf(KNOWN_BY_SCRAM))}`.replace('sslmode=verify-full&', ''),
      /does not let rivven in: .*no encryption/,
    ],
  ] as const)
    assert.match(await start(url), sentence)
})
