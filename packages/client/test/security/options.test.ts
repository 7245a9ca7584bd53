import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { fakeRuntime } from '@rivven/fakes'
import { Admin, Consumer, Producer, RivvenError } from '../../src/index.js'

const password = 'not-shown-secret'
const bootstrapServers = 'broker-0:9000'
const sasl = { mechanism: 'scram-sha-512', username: 'alice', password } as const

function pem(name: string): string {
  return readFileSync(new URL(`../../../../../test/support/certificates/${name}`, import.meta.url), 'utf8')
}

/** Constructs all clients: what one refuses, all do. */
function make(options: object): object[] {
  const all = { bootstrapServers, runtime: fakeRuntime(), ...options }
  return [new Admin(all as never), new Producer(all as never), new Consumer(all as never)]
}

function refused(options: object, says: RegExp): void {
  assert.throws(
    () => make(options),
    (error: RivvenError) => {
      assert.ok(error instanceof RivvenError)
      assert.equal(error.code, 'INVALID_ARGUMENT')
      assert.match(error.message, says)
      assert.doesNotMatch(inspect(error, { depth: 10 }), /not-shown-secret|987654321/)
      return true
    },
  )
}

test('what makes sense is taken', () => {
  make({ ssl: true })
  make({ ssl: false, sasl })
  make({ ssl: { ca: pem('ca.pem') }, sasl: { ...sasl, mechanism: 'SCRAM-SHA-256' } })
  make({ ssl: { ca: [Buffer.from(pem('ca.pem')), { file: 'more.pem' }], rejectUnauthorized: true } })
  make({ ssl: { cert: pem('client.pem'), key: pem('client-locked.key'), passphrase: 'opens-it', servername: 'b' } })
  make({ ssl: { cert: { file: 'a' }, key: { file: 'b' }, endpointIdentificationAlgorithm: 'none' } })
  make({ sasl: { mechanism: 'OAUTHBEARER', token: async () => ({ value: 'x' }) } })
})

test('what makes none is refused at once, with what to write', () => {
  refused({ sasl: true }, /sasl is something else: it must be an object.*scram-sha-512/)
  refused({ sasl: `alice:${password}` }, /sasl is something else/)
  refused({ sasl: { mechanism: 'gssapi' } }, /sasl\.mechanism is "gssapi".*GSSAPI.*not offered/)
  refused({ sasl: { username: 'alice', password } }, /sasl\.mechanism is undefined/)
  refused({ sasl: { mechanism: 'plain', password } }, /sasl\.username is undefined/)
  refused({ sasl: { mechanism: 'plain', username: 'alice' } }, /sasl\.password is missing/)
  refused({ sasl: { ...sasl, password: '' } }, /sasl\.password is something else/)
  refused({ sasl: { ...sasl, password: 987654321 } }, /sasl\.password is something else/)
  refused({ sasl: { ...sasl, password: [password] } }, /sasl\.password is something else/)
  refused({ sasl: { ...sasl, password: `${password}\0` } }, /sasl\.password is something else: .*without NUL/)
  refused({ sasl: { ...sasl, user: 'bob' } }, /no user\. Write username/)
  refused({ sasl: { mechanism: 'oauthbearer', oauthBearerProvider: () => 1 } }, /Write token/)
  refused({ sasl: { mechanism: 'oauthbearer', token: password } }, /sasl\.token/)
  refused({ ssl: 'yes' }, /ssl is something else: it must be true, false or an object/)
  refused({ ssl: { rejectUnauthorized: false } }, /rejectUnauthorized is false.*authority as ca/)
  refused({ ssl: { ca: '/etc/ca.pem' } }, /ssl\.ca is something else: .*PEM.*\{ file: 'name\.pem' \}/)
  refused({ ssl: { ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' } }, /ssl\.ca cannot be read/)
  refused({ ssl: { cert: pem('client.pem') } }, /cert without key/)
  refused({ ssl: { key: pem('client.key') } }, /key without cert/)
  refused({ ssl: { cert: pem('client.pem'), key: pem('client-locked.key') } }, /ssl\.key cannot be read.*passphrase/)
  refused(
    { ssl: { cert: pem('client.pem'), key: pem('client-locked.key'), passphrase: password } },
    /ssl\.key cannot be read/,
  )
  refused({ ssl: { passphrase: password } }, /a passphrase and no key/)
  refused({ ssl: { pfx: 'x' } }, /no pfx\. Write cert and key/)
})

test('no secret shows in what a client holds', () => {
  const shown = make({ sasl, ssl: { cert: pem('client.pem'), key: pem('client.key') } }).map((client) => {
    return `${inspect(client, { depth: 20, showHidden: true })}${JSON.stringify(client)}`
  })
  for (const text of shown) assert.doesNotMatch(text, /not-shown-secret|PRIVATE KEY/)
})
