import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertPlainFailure, scene } from './cli-scene.js'
import { guardedScene } from './guarded-scene.js'

const rows = (table: string) => {
  const lines = table.trimEnd().split('\n').slice(1)
  return lines.map((line) => line.split(/ {2,}/))
}

test('quotas of users, client ids and addresses are set, shown and taken away', async () => {
  await using s = await scene()
  const set = (line: string) => s.data(`quota set ${line}`)
  await set('--user alice producer_byte_rate=1048576 consumer_byte_rate=2097152')
  await set('--user alice --client-id copier request_percentage=12.5')
  await set('--user-defaults --client-id copier producer_byte_rate=1')
  await set('--client-defaults controller_mutation_rate=0.5')
  await set('--ip 10.0.0.7 connection_creation_rate=5')
  assert.deepEqual(rows(await s.data('quota list')), [
    ['ip 10.0.0.7', 'connection_creation_rate', '5'],
    ['the default client-id', 'controller_mutation_rate', '0.5'],
    ['the default user with client-id copier', 'producer_byte_rate', '1'],
    ['user alice', 'consumer_byte_rate', '2097152'],
    ['user alice', 'producer_byte_rate', '1048576'],
    ['user alice with client-id copier', 'request_percentage', '12.5'],
  ])
  assert.deepEqual(
    rows(await s.data('quota list --client-id copier')).map(([entity]) => entity),
    ['the default user with client-id copier', 'user alice with client-id copier'],
  )
  assert.equal(rows(await s.data('quota list --ip-defaults')).length, 0)
  const removed = await s.run('quota remove --user alice producer_byte_rate')
  assert.deepEqual(
    [removed.status, removed.words],
    [
      0,
      'Removed producer_byte_rate of user alice. `rivvenctl quota set --user alice producer_byte_rate=1048576` sets it again.\n',
    ],
  )
  assert.match(
    (await s.run('quota remove --client-defaults')).words,
    /^Removed controller_mutation_rate of the default/,
  )
  assert.deepEqual(
    rows(await s.data('quota list --user alice')).map(([entity, key]) => [entity, key]),
    [
      ['user alice', 'consumer_byte_rate'],
      ['user alice with client-id copier', 'request_percentage'],
    ],
  )
})

test('quotas are shown to programs with whom they are for in fields of their own', async () => {
  await using s = await scene()
  await s.data('quota set --user-defaults --client-id copier producer_byte_rate=1024')
  const row = {
    entity: 'the default user with client-id copier',
    ...{ quota: 'producer_byte_rate', value: 1024, user: null, clientId: 'copier', ip: null, defaults: 'user' },
  }
  assert.deepEqual(JSON.parse(await s.data('quota list -o json')), [row])
  assert.deepEqual(JSON.parse(await s.data('quota list -o ndjson')), row)
  assert.match(await s.data('quota list -o csv'), /^entity,quota,value,user,clientId,ip,defaults\n/)
})

test('a quota that was set is told, and a user that is not there as well', async () => {
  await using s = await guardedScene()
  const set = (user: string) => s.as('admin', `quota set --user ${user} producer_byte_rate=1024 request_percentage=20`)
  const told = (user: string) => `Set for user ${user}: producer_byte_rate=1024, request_percentage=20.\n`
  assert.equal((await set('alice')).words, told('alice'))
  assert.match((await set('alcie')).words, new RegExp(`^${told('alcie')}No user alcie has a password`))
})

test('what is mistyped is told before anything is changed', async () => {
  await using s = await scene()
  await s.data('quota set --user alice producer_byte_rate=1024')
  for (const [line, says] of [
    ['set --user alice producer_byte_rates=1', /no quota producer_byte_rates\. Did you mean producer_byte_rate\?/],
    ['set --user alice producer_byte_rate', /Write it as KEY=VALUE/],
    ['set --user alice producer_byte_rate=lots', /a number above 0, not lots/],
    ['set --user alice producer_byte_rate=', /a number above 0, not nothing/],
    ['set --user alice producer_byte_rate=0', /a number above 0, not 0/],
    ['set --user alice producer_byte_rate=1 producer_byte_rate=2', /there twice/],
    ['set producer_byte_rate=1', /Say for whom: --user alice/],
    ['set --user alice --user-defaults producer_byte_rate=1', /leave one out/],
    ['set --user alice --ip ::1 connection_creation_rate=1', /An ip stands alone/],
    ['set --user User:alice producer_byte_rate=1', /Give the name alone, alice/],
    ['set --user= producer_byte_rate=1', /--user must not be empty/],
    ['remove', /Say for whom/],
    ['remove --user alice bytes', /There is no quota bytes\./],
  ] as const)
    assertPlainFailure(await s.run(`quota ${line}`), says, 2)
  assertPlainFailure(
    await s.run('quota remove --user alcie'),
    /There is no quota for user alcie: nothing was removed\. `rivvenctl quota list` shows/,
    4,
  )
  assertPlainFailure(
    await s.run('quota remove --user alice consumer_byte_rate'),
    /There is no consumer_byte_rate for user alice, only producer_byte_rate: nothing was removed\./,
    4,
  )
  assertPlainFailure(
    await s.run('quota remove --user alice --client-id copier'),
    /no quota for user alice with client-id/,
    4,
  )
  // What the broker knows better.
  assertPlainFailure(
    await s.run('quota set --user alice connection_creation_rate=1'),
    /The broker says: No quota: user can have producer_byte_rate/,
  )
  assert.equal((await s.run('quota set --user alice')).status, 2)
  assert.deepEqual(rows(await s.data('quota list')), [['user alice', 'producer_byte_rate', '1024']])
})
