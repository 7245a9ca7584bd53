import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import type { BrokerServices } from '../../src/handlers/handler.js'
import { addSecurity } from '../../src/http/security-metrics.js'
import { Audit } from '../../src/security/audit/audit.js'
import { Traffic } from '../../src/traffic.js'
import { TestClock } from '../coordinator/test-clock.js'

/** A client that puts its name wherever it can. */
const evil = 'EVIL'
const client = {
  access: { principal: `User:${evil}`, host: '10.0.0.1' },
  clientId: evil,
  listener: 'CLIENTS',
  api: 'Fetch',
}

function rig() {
  const audit = new Audit({ clock: new TestClock() })
  const traffic = new Traffic()
  const refusals = { counts: new Map([['tls', 3]]) }
  const security = { acls: { count: 7 }, quotas: { waits: new Map() } }
  const registry = new Registry()
  addSecurity(registry, { audit, traffic, refusals, security } as unknown as BrokerServices)
  const samples = async () =>
    (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return { audit, traffic, samples }
}

test('logins, denials, handshakes and those who were sent away are counted', async () => {
  const { audit, traffic, samples } = rig()
  for (const user of ['a', 'b']) audit.loginFailed(client, { mechanism: 'PLAIN', user })
  audit.loggedIn(client, { mechanism: 'PLAIN' })
  audit.loggedIn(client, { mechanism: 'PLAIN', isAgain: true })
  audit.denied(client, 'READ', 'TOPIC', 'orders')
  traffic.handshakes.add({ listener: 'CLIENTS', outcome: 'done' })
  assert.deepEqual(await samples(), [
    'rivven_authentications_total{listener="CLIENTS",mechanism="PLAIN",outcome="failed"} 2',
    'rivven_authentications_total{listener="CLIENTS",mechanism="PLAIN",outcome="done"} 1',
    'rivven_reauthentications_total{outcome="done"} 1',
    'rivven_connections_refused_total{reason="tls"} 3',
    'rivven_authorizations_denied_total{operation="READ",resource_type="TOPIC"} 1',
    'rivven_acls 7',
    'rivven_ssl_handshakes_total{listener="CLIENTS",outcome="done"} 1',
  ])
})

test('no label is a text of a client, however many clients there are', async () => {
  const { audit, samples } = rig()
  for (let at = 0; at < 1_000; at++) {
    audit.loginFailed({ ...client, clientId: `${evil} ${at}` }, { mechanism: 'PLAIN', user: `${evil} ${at}` })
    audit.denied(client, 'READ', 'TOPIC', `${evil} ${at}`)
    audit.changed(client, { operation: 'CREATE', type: 'TOPIC', name: `${evil} ${at}`, error: 'NONE' })
  }
  const lines = await samples()
  assert.ok(lines.length < 10)
  assert.ok(!lines.join().includes(evil))
})
