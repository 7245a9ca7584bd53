// `npm run elsewhere`: our packages where it takes more than Node to try them: Jest, vitest, Bun and Deno, all from the registry.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { securedCluster } from '../e2e/secured-cluster.js'
import { brokerProcess } from '../support/broker-process.js'
import { pemFile } from '../support/certificates.js'
import { passwordOf } from '../support/passwords.js'
import { roundTrip } from './application.js'
import { type Installation, installPackages } from './installation.js'

let installed: Installation
before(async () => {
  const result = await installPackages('jest@30', 'vitest@3')
  if (typeof result === 'string') throw new Error(result)
  installed = result
})
after(() => installed?.[Symbol.dispose]())

const bin = (name: string) => join(installed.folder, 'node_modules/.bin', name)

test('Jest without any setting: required packages, one set of classes, and it ends by itself', async () => {
  installed.write(
    'round-trip.test.js',
    `const { startRivven } = require('@rivven/testing')
    const { Consumer, Producer, RivvenError } = require('@rivven/client')
    test('a round trip', async () => {${roundTrip}
      expect(keys.length).toBe(5)
      expect(() => new Consumer({})).toThrow(RivvenError)
    }, 60_000)`,
  )
  const { stderr } = await installed.run(bin('jest'), ['round-trip.test.js'])
  assert.match(stderr, /Tests: +1 passed/)
  assert.doesNotMatch(stderr, /warning|did not exit/i)
})

test('vitest', async () => {
  installed.write(
    'vitest/round-trip.spec.ts',
    `import { expect, test } from 'vitest'
    import { startRivven } from '@rivven/testing'
    import { Consumer, Producer } from '@rivven/client'
    test('a round trip', async () => {${roundTrip}
      expect(keys.length).toBe(5)
    }, 60_000)`,
  )
  const { stdout } = await installed.run(bin('vitest'), ['run', 'vitest'])
  assert.match(stdout, /Tests +1 passed/)
})

/** The client's part of the round trip, with a broker that runs on Node. */
const client = `import { channel } from 'node:diagnostics_channel'
import { Consumer, Producer } from '@rivven/client'
const told = new Set()
for (const name of ['producer:send', 'consumer:poll', 'consumer:rebalance']) {
  for (const part of ['start', 'asyncEnd']) channel(\`tracing:rivven:\${name}:\${part}\`).subscribe(() => told.add(name + part))
}
channel('rivven:consumer:assigned').subscribe(() => told.add('assigned'))
${roundTrip
  .replace(/const rivven = .*/, '')
  .replace('= rivven', '= { bootstrapServers: process.argv[2] }')
  .replace(/await rivven.*/, '')}
if (told.size !== 7) throw new Error([...told].join())
console.log(keys.length)`

/** The same through TLS, with a user of its own. */
const securedClient = client
  .replaceAll(
    '= { bootstrapServers: process.argv[2] }',
    '= { bootstrapServers: process.argv[2] }\n  const [, , , file, username, password] = process.argv',
  )
  .replaceAll(
    '{ bootstrapServers,',
    "{ bootstrapServers, ssl: { ca: { file } }, sasl: { mechanism: 'scram-sha-512', username, password },",
  )

const platform = `${process.platform}-${process.arch}`
for (const [name, packaged, binary, args] of [
  ['Bun', `@oven/bun-${platform}`, 'bin/bun', []],
  ['Deno', `@deno/${platform}-glibc`, 'deno', ['run', '-A', '--node-modules-dir=manual']],
] as const) {
  test(`the client under ${name}`, async () => {
    await installed.install(packaged)
    await using broker = await brokerProcess({ group_initial_rebalance_delay_ms: 0 })
    const program = installed.write('client.mjs', client)
    const command = join(installed.folder, 'node_modules', packaged, binary)
    const words = [...args, program, broker.bootstrapServers]
    assert.equal((await installed.run(command, words, { DENO_NO_UPDATE_CHECK: '1' })).stdout, '5\n')
  })

  test(`the client under ${name}, through TLS and with a login`, async () => {
    await installed.install(packaged)
    await using cluster = await securedCluster({ super_users: 'User:admin;User:alice' })
    await cluster.admin.alterUsers([{ user: 'alice', mechanism: 'scram-sha-512', password: passwordOf('alice') }])
    const program = installed.write('secured-client.mjs', securedClient)
    const command = join(installed.folder, 'node_modules', packaged, binary)
    const login = [String(cluster.root.bootstrapServers), pemFile('ca.pem'), 'alice', passwordOf('alice')]
    const { stdout } = await installed.run(command, [...args, program, ...login], { DENO_NO_UPDATE_CHECK: '1' })
    assert.equal(stdout, '5\n')
  })
}
