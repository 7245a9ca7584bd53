import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeRuntime } from '@rivven/runtime'
import { AloneDocuments } from '../../src/cluster/alone/alone-documents.js'
import { memoryStorage } from '../../src/open-storage.js'
import type { AclFilter } from '../../src/security/acls/acl-filter.js'
import type { AclRequest } from '../../src/security/acls/acl-request.js'
import { AclStore } from '../../src/security/acls/acl-store.js'
import type { OwnStorage } from '../../src/storage/own-storage.js'
import { aclOf, textOf } from './acl-text.js'
import { heldWrite } from './held-write.js'

const { clock } = nodeRuntime()
const everything: AclFilter = {
  resourceType: 'ANY',
  patternType: 'ANY',
  name: null,
  principal: null,
  host: null,
  operation: 'ANY',
  permission: 'ANY',
}
const read = 'ALLOW User:alice READ TOPIC PREFIXED orders- *'
const deny = 'DENY User:bob ALL TOPIC LITERAL * 10.0.0.1'

const open = (storage: OwnStorage, maxAcls = 100) =>
  AclStore.open({ documents: new AloneDocuments(storage), clock, maxAcls })
const textsOf = async (store: AclStore) => (await store.matching(everything)).flat().map(textOf).sort()

test('ACLs outlive the broker', async () => {
  const storage = memoryStorage({ clock })
  const store = await open(storage)
  assert.deepEqual(
    (await store.create([aclOf(read), aclOf(deny), aclOf(read)])).map(({ error }) => error),
    ['NONE', 'NONE', 'NONE'],
  )
  assert.deepEqual((await store.create([aclOf(read)]))[0]?.error, 'NONE', 'what is there already is fine')
  const again = await open(storage)
  assert.deepEqual(await textsOf(again), [read, deny])
  assert.equal(again.count, 2)
  const deletions = await again.delete([{ ...everything, principal: 'User:bob' }, everything])
  assert.deepEqual(
    deletions.map(({ error, acls }) => [error, acls.map(textOf).sort()]),
    [
      ['NONE', [deny]],
      ['NONE', [read, deny]],
    ],
    'both filters show the ACL that both mean',
  )
  assert.deepEqual(await textsOf(await open(storage)), [])
})

test('an ACL counts when it is stored, and not when the disk refuses it', async () => {
  const asked = heldWrite()
  const store = await open(asked.storage)
  const { version } = store.image
  const done = store.create([aclOf(read)])
  const refuse = await asked.write
  assert.deepEqual([store.count, store.image.version], [0, version])
  refuse(new Error('no space left'))
  await assert.rejects(done, /no space left/)
  assert.deepEqual([store.count, store.image.version], [0, version])
})

test('ACLs beyond the limit are refused, and none of their request is made', async () => {
  const store = await open(memoryStorage({ clock }), 2)
  await store.create([aclOf(read)])
  const broken: AclRequest = { ...aclOf(deny), name: '' }
  const results = await store.create([aclOf(deny), aclOf(`${deny}0`), broken, aclOf(read)])
  assert.deepEqual(
    results.map(({ error }) => error),
    ['POLICY_VIOLATION', 'POLICY_VIOLATION', 'INVALID_REQUEST', 'POLICY_VIOLATION'],
  )
  assert.deepEqual(await textsOf(store), [read])
  assert.equal((await store.create([aclOf(deny), aclOf(read), aclOf(deny)]))[0]?.error, 'NONE')
})

test('more ACLs than one request may make are refused, all of them', async () => {
  const store = await AclStore.open({
    documents: new AloneDocuments(memoryStorage({ clock })),
    clock,
    maxAclsAtOnce: 2,
  })
  const results = await store.create([aclOf(read), aclOf(deny), aclOf(read)])
  assert.deepEqual(
    results.map(({ error }) => error),
    ['POLICY_VIOLATION', 'POLICY_VIOLATION', 'POLICY_VIOLATION'],
  )
  assert.equal(store.count, 0)
})

const tooMany: [what: string, filters: AclFilter[]][] = [
  ['more ACLs than one request may remove', [everything]],
  ['one ACL more often than an answer should show', Array(21).fill({ ...everything, principal: 'User:bob' })],
]
for (const [what, filters] of tooMany) {
  test(`filters that match ${what} are refused, and nothing is removed`, async () => {
    const store = await AclStore.open({
      documents: new AloneDocuments(memoryStorage({ clock })),
      clock,
      maxAclsAtOnce: 2,
    })
    await store.create([aclOf(read), aclOf(deny)])
    await store.create([aclOf(`${deny}0`.replace('bob', 'eve'))])
    const results = await store.delete(filters)
    assert.deepEqual(
      results.map(({ error, acls }) => [error, acls]),
      filters.map(() => ['POLICY_VIOLATION', []]),
    )
    assert.equal(store.count, 3)
  })
}

const long = 'x'.repeat(4097)
const requests: [what: string, change: Partial<AclRequest>, error: 'NONE' | 'INVALID_REQUEST'][] = [
  ['an ordinary one', {}, 'NONE'],
  ['an empty name', { name: '' }, 'INVALID_REQUEST'],
  ['a cluster of another name', { resourceType: 'CLUSTER', name: 'mine' }, 'INVALID_REQUEST'],
  ['the cluster', { resourceType: 'CLUSTER', name: 'kafka-cluster' }, 'NONE'],
  ['a principal without a type', { principal: 'alice' }, 'INVALID_REQUEST'],
  ['a principal without a name', { principal: 'User:' }, 'NONE'],
  ['a principal of another type, with colons in its name', { principal: 'Group:a:b' }, 'NONE'],
  ['a host that is none', { host: 'not an address' }, 'NONE'],
  ['an operation that makes no sense', { resourceType: 'GROUP', operation: 'IDEMPOTENT_WRITE' }, 'NONE'],
  ['any type', { resourceType: 'ANY' }, 'INVALID_REQUEST'],
  ['any operation', { operation: 'ANY' }, 'INVALID_REQUEST'],
  ['any permission', { permission: 'ANY' }, 'INVALID_REQUEST'],
  ['any pattern', { patternType: 'ANY' }, 'INVALID_REQUEST'],
  ['matching patterns', { patternType: 'MATCH' }, 'INVALID_REQUEST'],
  ['an operation that nobody knows', { operation: 'UNKNOWN' }, 'INVALID_REQUEST'],
  ['a name of more than 4 KiB', { name: long }, 'INVALID_REQUEST'],
  ['a principal of more than 4 KiB', { principal: `User:${long}` }, 'INVALID_REQUEST'],
  ['a host of more than 4 KiB', { host: long }, 'INVALID_REQUEST'],
]
for (const [what, change, error] of requests) {
  test(`an ACL with ${what}: ${error}; the others of the request are made`, async () => {
    const store = await open(memoryStorage({ clock }))
    const results = await store.create([{ ...aclOf(read), ...change }, aclOf(deny)])
    assert.deepEqual(
      results.map((result) => result.error),
      [error, 'NONE'],
    )
    assert.equal(store.count, error === 'NONE' ? 2 : 1)
  })
}

test('a filter with a code that nobody knows is refused when it deletes, and means nothing when it asks', async () => {
  const store = await open(memoryStorage({ clock }))
  await store.create([aclOf(read)])
  const unknown: AclFilter = { ...everything, operation: 'UNKNOWN' }
  assert.deepEqual(await store.matching(unknown), [])
  const [refused, done] = await store.delete([unknown, { ...everything, name: 'orders-' }])
  assert.deepEqual([refused?.error, refused?.acls], ['INVALID_REQUEST', []])
  assert.deepEqual([done?.error, done?.acls.map(textOf)], ['NONE', [read]])
})

const damages: [what: string, content: string, reason: RegExp][] = [
  ['no JSON', '{"version":1,', /it is not JSON/],
  ['nothing', '', /it is not JSON/],
  ['null', 'null', /has version undefined/],
  ['of a later version', '{"version":2,"acls":[]}', /has version 2, and this broker knows version 1/],
  ['without ACLs', '{"version":1}', /acls/],
  ['with an ACL that allows what nobody knows', `{"version":1,"acls":[{"operation":"FLY"}]}`, /acls\[0\]/],
]
for (const [what, content, reason] of damages) {
  test(`a stored document that is ${what} ends the start with one sentence`, async () => {
    const storage = memoryStorage({ clock })
    await storage.writeDocument('acls', Buffer.from(content))
    await assert.rejects(open(storage), (error: Error) => {
      assert.equal(error.name, 'StoredDataError')
      assert.match(error.message, reason)
      assert.match(error.message, /^What is stored of acls cannot be used: [^\n]*backup[^\n]*\.$/)
      return true
    })
  })
}
