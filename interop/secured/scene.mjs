// A broker that wants to know who comes: rivvend with four listeners, the user alice, and what she may do.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin } from '@rivven/client'
import { rivvend, startBroker } from '../broker.mjs'
import { feed } from '../feeding.mjs'
import { tokenHouse } from './tokens.mjs'

const certificates = join(import.meta.dirname, '../../test/support/certificates')
const file = (name) => join(certificates, name)

/** Who may come in by SASL. Alice may read and write what begins with `orders-`, and see `locked` without opening it. */
export const passwords = { admin: 'admin-secret', alice: 'alice-secret' }
const rights = [
  ...['READ', 'WRITE', 'CREATE'].map((operation) => ({ resourceType: 'TOPIC', patternType: 'PREFIXED', operation })),
  { resourceType: 'GROUP', patternType: 'PREFIXED', operation: 'READ' },
].map((right) => ({ ...right, resourceName: 'orders-' }))
const seen = { resourceType: 'TOPIC', resourceName: 'locked', operation: 'DESCRIBE' }

/** Each way for alice to come in. */
const ways = [
  { name: 'tls', protocol: 'SSL' },
  { name: 'tls-plain', protocol: 'SASL_SSL', mechanism: 'PLAIN' },
  { name: 'tls-scram-256', protocol: 'SASL_SSL', mechanism: 'SCRAM-SHA-256' },
  { name: 'tls-scram-512', protocol: 'SASL_SSL', mechanism: 'SCRAM-SHA-512' },
  { name: 'tls-token', protocol: 'SASL_SSL', mechanism: 'OAUTHBEARER' },
  { name: 'clear-plain', protocol: 'SASL_PLAINTEXT', mechanism: 'PLAIN' },
  { name: 'clear-scram-512', protocol: 'SASL_PLAINTEXT', mechanism: 'SCRAM-SHA-512' },
]

/** Ports that are free now: clients are told an address by name, and that needs a port that is known before the start. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))))
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** `settings`: keys of the broker on top. Close it at the end. */
export async function guardedScene(settings = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'rivven-interop-security-'))
  const dataDir = join(folder, 'data')
  for (const [user, password] of Object.entries(passwords))
    feed('node', [rivvend, 'user', 'add', user, '--password-file', '-', '--data-dir', dataDir], [password])
  const tokens = await tokenHouse(folder)
  const protocols = ['SSL', 'SASL_SSL', 'SASL_PLAINTEXT']
  const ports = await freePorts(protocols.length)
  const addressOf = Object.fromEntries(protocols.map((protocol, at) => [protocol, `localhost:${ports[at]}`]))
  const listeners = protocols.map((protocol, at) => `${protocol}://127.0.0.1:${ports[at]}`).join(',')
  const advertised = protocols.map((protocol) => `${protocol}://${addressOf[protocol]}`).join(',')
  const broker = await startBroker(dataDir, {
    listeners,
    advertised_listeners: advertised,
    sasl_enabled_mechanisms: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    ...tokens.keys,
    super_users: 'User:admin',
    ssl_certificate_location: file('broker.pem'),
    ssl_key_location: file('broker.key'),
    ssl_ca_location: file('ca.pem'),
    'listener.name.ssl.ssl_client_auth': 'required',
    // Alice's certificate names more than her.
    ssl_principal_mapping_rules: 'RULE:CN=(alice).*/$1/,DEFAULT',
    ...settings,
  })
  const admin = { username: 'admin', password: passwords.admin }
  await prepare(addressOf.SASL_PLAINTEXT, admin)
  return {
    /** All that a client must be told to come in so. */
    ways: ways.map((way) => ({ ...way, ...identity(way, addressOf, tokens) })),
    admin: { ...ways[3], ...identity(ways[3], addressOf, tokens), ...admin },
    folder,
    async close() {
      await broker.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function identity({ protocol, mechanism }, addressOf, tokens) {
  const servers = addressOf[protocol]
  const trust = protocol === 'SASL_PLAINTEXT' ? {} : { ca: file('ca.pem') }
  if (protocol === 'SSL') return { servers, ...trust, certificate: file('client.pem'), key: file('client.key') }
  const login = { username: 'alice', password: passwords.alice, wrong: 'wrong' }
  const bearer = { password: tokens.good, wrong: tokens.bad }
  return { servers, ...trust, ...(mechanism === 'OAUTHBEARER' ? bearer : login) }
}

async function prepare(bootstrapServers, { username, password }) {
  const admin = new Admin({ bootstrapServers, sasl: { mechanism: 'scram-sha-256', username, password } })
  await admin.createTopics([{ name: 'locked' }, { name: 'hidden' }])
  await admin.createAcls(
    [...rights, seen].map((right) => ({ ...right, principal: 'User:alice', permissionType: 'ALLOW' })),
  )
  await admin.close()
}
