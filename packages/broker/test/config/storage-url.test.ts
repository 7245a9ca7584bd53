import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerConfig } from '../../src/config/broker-config.js'
import { postgresTargetOf } from '../../src/config/storage/postgres-target.js'
import { readStorageUrl } from '../../src/config/storage/storage-url.js'

const files = new Map([
  ['ca.pem', 'an authority'],
  ['password', 'from-a-file-secret\n'],
])
const disk = {
  async readFile(path: string): Promise<Buffer> {
    const content = files.get(path)
    if (content === undefined) throw Object.assign(new Error(`no such file, open '${path}'`), { code: 'ENOENT' })
    return Buffer.from(content)
  },
}

const target = (storage: string, values: Record<string, unknown> = {}, env: Record<string, string> = {}) =>
  postgresTargetOf(brokerConfig([{ from: 'test', values: { storage, ...values } }]), { disk, env })

const refused = (storage: string, message: RegExp, values: Record<string, unknown> = {}) =>
  assert.rejects(target(storage, values), { name: 'ConfigError', message })

test('a URL names servers, a database, who logs in, and a schema', async () => {
  const read = await target('postgres://user:a%40b-secret@localhost:5433/shop?schema=orders')
  assert.deepEqual(read, {
    hosts: [{ host: 'localhost', port: 5433 }],
    database: 'shop',
    user: 'user',
    password: 'a@b-secret',
    schema: 'orders',
    tls: undefined,
  })
})

test('what a URL leaves out has a default', async () => {
  const { hosts, database, user, password, schema } = await target('postgres://', {}, { USER: 'rivven' })
  assert.deepEqual(hosts, [{ host: '127.0.0.1', port: 5432 }])
  assert.deepEqual([database, user, password, schema], ['rivven', 'rivven', undefined, 'rivven'])
})

test('a URL may name several servers, addresses of version 6, and a folder of sockets', () => {
  const hostsOf = (url: string) => readStorageUrl(url).hosts.map(({ host, port }) => `${host} ${port}`)
  assert.deepEqual(hostsOf('postgresql://u@a,b:1,[::1]:2/d'), ['a 5432', 'b 1', '::1 2'])
  assert.deepEqual(hostsOf('postgres://u@/d?host=/run/postgresql&port=7'), ['/run/postgresql 7'])
  assert.deepEqual(hostsOf('postgres://u@%2Frun%2Fpostgresql/d'), ['/run/postgresql 5432'])
})

test('a password comes from the URL, the environment or a file', async () => {
  const fromEnvironment = await target('postgres://u@localhost/d', {}, { PGPASSWORD: 'of-the-environment-secret' })
  assert.equal(fromEnvironment.password, 'of-the-environment-secret')
  const fromFile = await target('postgres://u@localhost/d', { storage_password_file: 'password' })
  assert.equal(fromFile.password, 'from-a-file-secret')
  await refused('postgres://u:one-secret@localhost/d', /in one of them/, { storage_password_file: 'password' })
})

test('beyond this machine the database must prove who it is, unless that is waived', async () => {
  const far = 'postgres://u@db.internal/d'
  for (const mode of ['', '?sslmode=disable', '?sslmode=require', '?sslmode=verify-ca']) {
    await refused(far + mode, /db\.internal without sslmode=verify-full/)
    await target(far + mode, { storage_allow_plaintext: true })
  }
  await refused('postgres://u@127.0.0.1,db.internal/d', /goes to db\.internal/)
  const { tls } = await target(`${far}?sslmode=verify-full&sslrootcert=ca.pem`)
  assert.deepEqual(tls, { checks: 'name', ca: 'an authority', cert: undefined, key: undefined })
  for (const near of ['localhost', '127.0.0.1', '127.8.0.1', '[::1]', '%2Frun']) await target(`postgres://u@${near}/d`)
})

test('what cannot be meant is refused, with no word of what is secret', async () => {
  await refused('mysql://u:word-secret@h/d', /^storage is no URL of PostgreSQL: give one like/)
  await refused('postgres://u@localhost:99999/d', /the port 99999/)
  await refused('postgres://u@localhost/d?sslmod=disable', /the parameter sslmod, which is not known/)
  await refused('postgres://u@localhost/d?sslmode=prefer', /sslmode=prefer: use disable, require/)
  await refused(
    'postgres://u@localhost/d?sslmode=require&sslrootcert=none.pem',
    /sslrootcert in storage cannot be read/,
  )
  await refused('postgres://u@localhost/d?schema=public', /wants one of its own/)
  await refused('postgres://u:100%@localhost/d', /write %25/)
  await refused('postgres://u@localhost/d', /both given/, { memory: true })
  await refused('postgres://u@localhost/d', /both given/, { data_dir: './here' })
})
