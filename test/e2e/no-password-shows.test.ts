import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { Admin, type AdminOptions, Consumer, Producer, type SaslOptions } from '@rivven/client'
import { SaslAuthenticate, SaslHandshake } from '@rivven/protocol'
import { pem, pemFile } from '../support/certificates.js'
import { eventually } from '../support/eventually.js'
import { passwordOf, wrongPassword } from '../support/passwords.js'
import { RawConnection } from '../support/raw-connection.js'

const root = join(import.meta.dirname, '../../..')
const rivvend = join(root, 'packages/broker/bin/rivvend.cjs')
const module = pathToFileURL(join(root, 'scripts/leaked-passwords.mjs')).href
const { linesWithPasswords, withoutPasswords } = (await import(module)) as {
  linesWithPasswords(text: string): number[]
  withoutPasswords(text: string): string
}

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
const keyPassword = passwordOf('key')
/** A JWT that nobody signed. */
const token = `${['{"alg":"none"}', JSON.stringify({ sub: 'admin', exp: 4e9, jti: passwordOf('token') })].map(inBase64).join('.')}.`

function inBase64(text: string): string {
  return Buffer.from(text).toString('base64url')
}

interface Running {
  readonly child: ChildProcess
  readonly bootstrapServers: string
  readonly http: string
  readonly said: () => string
}

/** rivvend as it says most: all its output, to the end. */
async function start(folder: string, set: Record<string, string>): Promise<Running> {
  const words = Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  const child = spawn(process.execPath, [rivvend, '--data-dir', join(folder, 'data'), ...words], { stdio: 'pipe' })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said += text
    })
  }
  const found = async (pattern: RegExp): Promise<string> => {
    await eventually(() => assert.match(said, pattern))
    return pattern.exec(said)?.[1] ?? ''
  }
  const bootstrapServers = await found(/ready on ([\d.:]+) /)
  return { child, bootstrapServers, http: await found(/http on (\S+)/), said: () => said }
}

/** All that can be seen of it from inside the program. */
function seen(thing: unknown): string {
  return `${inspect(thing, { depth: 20, showHidden: true, maxStringLength: null })}\n${JSON.stringify(thing) ?? ''}`
}

async function failed(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => assert.fail('it went well'),
    (error) => error,
  )
}

/** By each mechanism, well and badly; tokens that are none come below. */
const logins: readonly { readonly sasl: SaslOptions; readonly isRight: boolean }[] = [
  ...mechanisms.flatMap((mechanism) =>
    [passwordOf('admin'), wrongPassword].map((password) => {
      return { sasl: { mechanism, username: 'admin', password }, isRight: password !== wrongPassword }
    }),
  ),
  { sasl: { mechanism: 'oauthbearer', token: async () => ({ value: token }) }, isRight: true },
]

/** What clients and their errors look like. */
async function logIn(bootstrapServers: string): Promise<string[]> {
  const shown: string[] = []
  for (const { sasl, isRight } of logins) {
    const options: AdminOptions = { bootstrapServers, sasl, logger: { warn: (...said) => shown.push(seen(said)) } }
    const admin = new Admin(options)
    const asked = admin.listTopics()
    shown.push(isRight ? seen(await asked) : seen(await failed(asked)), seen(admin))
    const producer = new Producer(options)
    const consumer = new Consumer({ ...options, groupId: 'g' })
    consumer.subscribe(['t'])
    if (isRight) await producer.send({ topic: 't', value: 'x' })
    shown.push(seen(await consumer.poll(500).catch((error) => error)))
    shown.push(seen([producer, consumer, consumer.health()]))
    await Promise.all([admin, producer, consumer].map((client) => client.close()))
  }
  return shown
}

/** What no client of ours would send: each has a password in it. */
const badTokens: readonly [mechanism: string, token: string][] = [
  ['PLAIN', `admin\0${passwordOf('admin')}`],
  ['PLAIN', `\0admin\0${passwordOf('admin')}\0`],
  ['PLAIN', `${passwordOf('admin')}\0admin\0${wrongPassword}`],
  ['SCRAM-SHA-256', `n,,n=admin,r=${passwordOf('nonce')},`],
  ['SCRAM-SHA-512', passwordOf('admin')],
  ['OAUTHBEARER', `n,,\x01auth=Bearer ${token}`],
  [passwordOf('mechanism'), ''],
]

async function sendBadTokens(bootstrapServers: string): Promise<void> {
  for (const [mechanism, token] of badTokens) {
    const connection = await RawConnection.open(Number(bootstrapServers.split(':')[1]))
    const { errorCode } = await connection.call(SaslHandshake, 1, { mechanism })
    if (errorCode === 0) await connection.call(SaslAuthenticate, 2, { authBytes: Buffer.from(token) })
    await connection.closed()
    connection.destroy()
  }
}

/** What an administrator sees, and what becomes of changes of secrets. */
async function administer(bootstrapServers: string): Promise<string[]> {
  const admin = new Admin({
    bootstrapServers,
    sasl: { mechanism: 'plain', username: 'admin', password: passwordOf('admin') },
  })
  try {
    await admin.alterUsers([{ user: 'alice', mechanism: 'scram-sha-256', password: passwordOf('alice') }])
    const users = await admin.describeUsers()
    const broker = { type: 'broker', name: '1' } as const
    const configs = await admin.describeConfigs([broker])
    const key = configs[0]?.configs.find(({ name }) => name === 'ssl.key.password')
    assert.deepEqual([key?.value, key?.isSensitive], [null, true])
    const change = { ...broker, configs: [{ name: 'ssl.key.password', value: passwordOf('other-key') }] }
    const refused = await failed(admin.alterConfigs([change]))
    return [seen(users), seen(configs), seen(refused)]
  } finally {
    await admin.close()
  }
}

/** Pages, over HTTPS. */
async function ask(http: string): Promise<string[]> {
  const pages: string[] = []
  const { port } = new URL(http)
  const where = { host: 'localhost', port, ca: pem('ca.pem'), agent: false }
  for (const password of [passwordOf('admin'), wrongPassword]) {
    const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`
    for (const path of ['/metrics', '/health/ready', '/api/groups', '/api/groups/g', '/nowhere']) {
      const [answer] = await once(get({ ...where, path, headers: { authorization } }), 'response')
      pages.push(seen(answer.rawHeaders))
      for await (const text of answer.setEncoding('utf8')) pages.push(text)
    }
  }
  return pages
}

/** The broker's key, behind a password. */
function lockedKey(): string {
  const key = createPrivateKey(pem('broker.key'))
  return String(key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: keyPassword }))
}

test('no password shows in anything that broker and clients say, however one logs in', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rivven-passwords-'))
  await writeFile(join(folder, 'admin'), `${passwordOf('admin')}\n`)
  await writeFile(join(folder, 'broker.key'), lockedKey(), { mode: 0o600 })
  const broker = await start(folder, {
    listeners: 'SASL_PLAINTEXT://127.0.0.1:0',
    sasl_enabled_mechanisms: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    sasl_oauthbearer_unsecured: 'true',
    sasl_oauthbearer_any_audience: 'true',
    bootstrap_admin: 'admin',
    bootstrap_admin_password_file: join(folder, 'admin'),
    http: '127.0.0.1:0',
    log_level: 'debug',
    audit_log: join(folder, 'audit.log'),
    http_security_protocol: 'HTTPS',
    ssl_certificate_location: pemFile('broker.pem'),
    ssl_key_location: join(folder, 'broker.key'),
    ssl_key_password: keyPassword,
    group_initial_rebalance_delay_ms: '0',
  })
  try {
    const shown = [
      ...(await logIn(broker.bootstrapServers)),
      ...(await administer(broker.bootstrapServers)),
      ...(await ask(broker.http)),
    ]
    await sendBadTokens(broker.bootstrapServers)
    broker.child.kill('SIGTERM')
    await once(broker.child, 'close')
    const audit = readFileSync(join(folder, 'audit.log'), 'utf8')
    for (const text of [...shown, broker.said(), audit]) {
      assert.deepEqual(linesWithPasswords(text), [], withoutPasswords(text).slice(0, 2_000))
    }
    assert.match(broker.said(), /its login failed/)
    for (const mechanism of [...mechanisms, 'oauthbearer']) {
      for (const outcome of ['done', 'failed']) {
        const line = new RegExp(`"resource":"USER( admin)?",.*"outcome":"${outcome}",.*"detail":"${mechanism}`, 'i')
        assert.match(audit, line)
      }
    }
    assert.match(audit, /"resource":"USER alice","operation":"ALTER","outcome":"done".*"SCRAM-SHA-256, \d+ iterations"/)
  } finally {
    broker.child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
})
