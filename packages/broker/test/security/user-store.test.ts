import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '@rivven/config'
import { nodeRuntime } from '@rivven/runtime'
import { AloneDocuments } from '../../src/cluster/alone/alone-documents.js'
import { memoryStorage } from '../../src/open-storage.js'
import { describeUsers } from '../../src/security/users/described-users.js'
import { upsertionOf } from '../../src/security/users/new-password.js'
import { keysOf } from '../../src/security/users/scram-credential.js'
import type { ScramDeletion, ScramUpsertion } from '../../src/security/users/user-alteration.js'
import { UserStore } from '../../src/security/users/user-store.js'
import type { OwnStorage } from '../../src/storage/own-storage.js'
import { heldWrite } from './held-write.js'

const { clock, random } = nodeRuntime()
const open = (storage: OwnStorage, maxUsers = 10) =>
  UserStore.open({ documents: new AloneDocuments(storage), clock, random, maxUsers })

function upsertion(name: string, change: Partial<ScramUpsertion> = {}): ScramUpsertion {
  const saltedPassword = Buffer.alloc(change.mechanism === 'SCRAM-SHA-512' ? 64 : 32, 7)
  return { name, mechanism: 'SCRAM-SHA-256', iterations: 4096, salt: Buffer.from('salt'), saltedPassword, ...change }
}

const deletion = (name: string, mechanism: ScramDeletion['mechanism'] = 'SCRAM-SHA-256') => ({ name, mechanism })

async function alter(store: UserStore, upsertions: ScramUpsertion[], deletions: ScramDeletion[] = []) {
  const results = await store.alter({ upsertions, deletions })
  return Object.fromEntries(Array.from(results, ([name, { error }]) => [name, error]))
}

test('users outlive the broker, as keys that no password can be read from', async () => {
  const storage = memoryStorage({ clock })
  const store = await open(storage)
  const password = new Secret('pencil-secret')
  const made = await upsertionOf({ name: 'alice', password }, 'SCRAM-SHA-512', nodeRuntime())
  assert.deepEqual(await alter(store, [made, upsertion('bob')]), { alice: 'NONE', bob: 'NONE' })
  const content = String(await storage.readDocument('users'))
  assert.ok(!content.includes('pencil-secret') && !content.includes(made.saltedPassword.toString('base64')))
  const again = await open(storage)
  const { iterations, salt, saltedPassword } = made
  const keys = keysOf('SCRAM-SHA-512', saltedPassword)
  assert.deepEqual(again.credentialOf('alice', 'SCRAM-SHA-512'), {
    isKnown: true,
    credential: { iterations, salt, ...keys },
  })
  assert.deepEqual(await alter(again, [], [deletion('bob')]), { bob: 'NONE' })
  assert.deepEqual([...(await open(storage)).users.keys()], ['alice'])
})

test('a user counts when it is stored, and not when the disk refuses it', async () => {
  const asked = heldWrite()
  const store = await open(asked.storage)
  const done = store.alter({ upsertions: [upsertion('alice')], deletions: [] })
  const refuse = await asked.write
  assert.equal(store.credentialOf('alice', 'SCRAM-SHA-256').isKnown, false)
  refuse(new Error('no space left'))
  await assert.rejects(done, /no space left/)
  assert.equal(store.users.size, 0)
})

const both = { salt: Buffer.alloc(1024, 1), iterations: 16_384 }
const alterations: [what: string, upsertions: ScramUpsertion[], deletions: ScramDeletion[], results: object][] = [
  ['an empty name', [upsertion('')], [], { '': 'UNACCEPTABLE_CREDENTIAL' }],
  ['the name of everybody', [upsertion('*')], [], { '*': 'UNACCEPTABLE_CREDENTIAL' }],
  ['the largest numbers that are allowed', [upsertion('new', both)], [], { new: 'NONE' }],
  ['too few iterations', [upsertion('new', { iterations: 4095 })], [], { new: 'UNACCEPTABLE_CREDENTIAL' }],
  ['too many iterations', [upsertion('new', { iterations: 16_385 })], [], { new: 'UNACCEPTABLE_CREDENTIAL' }],
  ['no salt', [upsertion('new', { salt: Buffer.alloc(0) })], [], { new: 'UNACCEPTABLE_CREDENTIAL' }],
  ['a long salt', [upsertion('new', { salt: Buffer.alloc(1025) })], [], { new: 'UNACCEPTABLE_CREDENTIAL' }],
  [
    'a salted password of another hash',
    [upsertion('new', { saltedPassword: Buffer.alloc(64) })],
    [],
    { new: 'UNACCEPTABLE_CREDENTIAL' },
  ],
  [
    'a mechanism that nobody knows',
    [upsertion('new', { mechanism: 'UNKNOWN' })],
    [deletion('alice', 'UNKNOWN')],
    { new: 'UNSUPPORTED_SASL_MECHANISM', alice: 'UNSUPPORTED_SASL_MECHANISM' },
  ],
  ['a deletion of what is not there', [], [deletion('alice', 'SCRAM-SHA-512')], { alice: 'RESOURCE_NOT_FOUND' }],
  ['one deletion twice of what is not there', [], [deletion('bob'), deletion('bob')], { bob: 'RESOURCE_NOT_FOUND' }],
  ['one deletion twice', [], [deletion('alice'), deletion('alice')], { alice: 'DUPLICATE_RESOURCE' }],
  ['a user in both lists', [upsertion('alice')], [deletion('alice')], { alice: 'DUPLICATE_RESOURCE' }],
  [
    'a deletion that would do, and then one of what is not there',
    [],
    [deletion('alice'), deletion('alice', 'SCRAM-SHA-512')],
    { alice: 'DUPLICATE_RESOURCE' },
  ],
  [
    'a user with two mechanisms',
    [upsertion('new'), upsertion('new', { mechanism: 'SCRAM-SHA-512' }), upsertion('new')],
    [],
    { new: 'DUPLICATE_RESOURCE' },
  ],
  [
    'what fails at first, and then would do',
    [upsertion('new', { iterations: 1 }), upsertion('new')],
    [],
    { new: 'UNACCEPTABLE_CREDENTIAL' },
  ],
  [
    'what would do, and then fails',
    [upsertion('new'), upsertion('new', { iterations: 1 })],
    [],
    { new: 'DUPLICATE_RESOURCE' },
  ],
]
for (const [what, upsertions, deletions, results] of alterations) {
  test(`an alteration with ${what}: ${Object.values(results)}, and the others are done`, async () => {
    const store = await open(memoryStorage({ clock }))
    await alter(store, [upsertion('alice'), upsertion('carol')])
    const done = await alter(store, [...upsertions, upsertion('dave')], [...deletions, deletion('carol')])
    assert.deepEqual(done, { ...results, dave: 'NONE', carol: 'NONE' })
    assert.equal(store.users.has('alice') && store.users.has('dave') && !store.users.has('carol'), true)
    assert.equal(store.users.has('new'), 'new' in results && results.new === 'NONE')
  })
}

test('users beyond the limit are refused, and those that are there may be changed', async () => {
  const store = await open(memoryStorage({ clock }), 2)
  const results = await alter(
    store,
    ['a', 'b', 'c', 'd'].map((name) => upsertion(name)),
  )
  assert.deepEqual(results, { a: 'NONE', b: 'NONE', c: 'POLICY_VIOLATION', d: 'POLICY_VIOLATION' })
  assert.deepEqual(await alter(store, [upsertion('b', { mechanism: 'SCRAM-SHA-512' })]), { b: 'NONE' })
  assert.deepEqual(await alter(store, [upsertion('c')], [deletion('a')]), { a: 'NONE', c: 'NONE' })
})

test('users are shown with their mechanisms and iterations, each that is named once', async () => {
  const store = await open(memoryStorage({ clock }))
  await alter(store, [upsertion('alice'), upsertion('bob', { iterations: 5000 })])
  await alter(store, [upsertion('alice', { mechanism: 'SCRAM-SHA-512' })])
  const shown = (named: string[] | null) =>
    describeUsers(store.users, named).map(({ name, error, credentials }) => [name, error, ...credentials])
  const alice = [
    { mechanism: 'SCRAM-SHA-256', iterations: 4096 },
    { mechanism: 'SCRAM-SHA-512', iterations: 4096 },
  ]
  const all = [
    ['alice', 'NONE', ...alice],
    ['bob', 'NONE', { mechanism: 'SCRAM-SHA-256', iterations: 5000 }],
  ]
  assert.deepEqual(shown(null), all)
  assert.deepEqual(shown([]), all)
  assert.deepEqual(shown(['bob', 'eve', 'alice', 'bob']), [
    ['bob', 'DUPLICATE_RESOURCE'],
    ['eve', 'RESOURCE_NOT_FOUND'],
    ['alice', 'NONE', ...alice],
  ])
})

test('a user that does not exist looks like the others, always the same, also after a restart', async () => {
  const storage = memoryStorage({ clock })
  const store = await open(storage)
  assert.equal(store.credentialOf('eve', 'SCRAM-SHA-256').credential.iterations, 4096)
  for (const name of ['a', 'b', 'c']) await alter(store, [upsertion(name, { iterations: name === 'c' ? 5000 : 8192 })])
  const eve = store.credentialOf('eve', 'SCRAM-SHA-256')
  assert.equal(eve.isKnown, false)
  assert.deepEqual([eve.credential.iterations, eve.credential.salt.length], [8192, 16])
  assert.deepEqual(store.credentialOf('eve', 'SCRAM-SHA-256'), eve)
  assert.deepEqual((await open(storage)).credentialOf('eve', 'SCRAM-SHA-256'), eve)
  assert.notDeepEqual(store.credentialOf('eva', 'SCRAM-SHA-256').credential.salt, eve.credential.salt)
  assert.equal(store.credentialOf('a', 'SCRAM-SHA-512').isKnown, false, 'nor does one without this mechanism')
})

const key = Buffer.alloc(32).toString('base64')
const user = (change: object) =>
  JSON.stringify({
    version: 1,
    secret: key,
    users: [
      {
        name: 'a',
        credentials: [
          { mechanism: 'SCRAM-SHA-256', iterations: 4096, salt: 'c2FsdA==', storedKey: key, serverKey: key, ...change },
        ],
      },
    ],
  })
const damages: [what: string, content: string, reason: RegExp][] = [
  ['no JSON', 'users', /it is not JSON/],
  ['of a later version', '{"version":2}', /has version 2/],
  ['without a secret', '{"version":1,"users":[]}', /secret/],
  ['of a mechanism nobody knows', user({ mechanism: 'SCRAM-SHA-1' }), /users\[0\]\.credentials\[0\]\.mechanism/],
  ['with a short key', user({ storedKey: 'AAAA' }), /credentials\[0\] has keys that are not of 32 bytes/],
  ['with a salt that is no base64', user({ salt: '!' }), /salt/],
]
for (const [what, content, reason] of damages) {
  test(`a stored document that is ${what} ends the start with one sentence, without what is in it`, async () => {
    const storage = memoryStorage({ clock })
    await storage.writeDocument('users', Buffer.from(content))
    await assert.rejects(open(storage), (error: Error) => {
      assert.equal(error.name, 'StoredDataError')
      assert.match(error.message, reason)
      return true
    })
  })
}
