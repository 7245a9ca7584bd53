import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeRuntime } from '@rivven/runtime'
import { AloneDocuments } from '../../src/cluster/alone/alone-documents.js'
import { memoryStorage } from '../../src/open-storage.js'
import { addressOf } from '../../src/security/quotas/address.js'
import type { QuotaAlteration, QuotaOperation } from '../../src/security/quotas/quota-alteration.js'
import { quotasMeant } from '../../src/security/quotas/quota-filter.js'
import { QuotaStore } from '../../src/security/quotas/quota-store.js'
import type { OwnStorage } from '../../src/storage/own-storage.js'
import { heldWrite } from './held-write.js'

const { clock } = nodeRuntime()
const open = (storage: OwnStorage, maxEntities = 10) =>
  QuotaStore.open({ documents: new AloneDocuments(storage), clock, maxEntities })

const set = (key: string, value: number): QuotaOperation => ({ key, value, remove: false })
const remove = (key: string): QuotaOperation => ({ key, value: 0, remove: true })
const user = (name: string | null, ...ops: QuotaOperation[]): QuotaAlteration => ({
  entity: [{ type: 'user', name }],
  ops,
})
const ip = (name: string | null, ...ops: QuotaOperation[]): QuotaAlteration => ({ entity: [{ type: 'ip', name }], ops })

async function alter(store: QuotaStore, ...alterations: QuotaAlteration[]): Promise<string[]> {
  return (await store.alter(alterations, { validateOnly: false })).map(({ error }) => error)
}

function shown({ quotas }: QuotaStore): unknown[] {
  return quotasMeant(quotas, { components: [], strict: false }).map(({ entity, values }) => [
    Object.fromEntries(entity.map(({ type, name }) => [type, name])),
    Object.fromEntries(values),
  ])
}

test('quotas outlive the broker, to the last digit', async () => {
  const storage = memoryStorage({ clock })
  const both = [
    { type: 'client-id', name: '__proto__' },
    { type: 'user', name: null },
  ]
  const asked = [
    user('a"b', set('producer_byte_rate', 9_007_199_254_740_992), set('request_percentage', 5e-324)),
    { entity: both, ops: [set('controller_mutation_rate', 0.1), set('consumer_byte_rate', 1000.0000001)] },
    ip('::1', set('connection_creation_rate', 2 ** 31 - 1)),
  ]
  const store = await open(storage)
  assert.deepEqual(await alter(store, ...asked), ['NONE', 'NONE', 'NONE'])
  const again = await open(storage)
  assert.deepEqual(shown(again), [
    [{ user: 'a"b' }, { producer_byte_rate: 9_007_199_254_740_992, request_percentage: 5e-324 }],
    [
      { 'client-id': '__proto__', user: null },
      { controller_mutation_rate: 0.1, consumer_byte_rate: 1000.0000001 },
    ],
    [{ ip: '::1' }, { connection_creation_rate: 2 ** 31 - 1 }],
  ])
  assert.deepEqual(await alter(again, user('a"b', remove('producer_byte_rate'), remove('nothing'))), ['NONE'])
  assert.deepEqual(shown(again)[0], [{ user: 'a"b' }, { request_percentage: 5e-324 }])
  const reversed = {
    entity: both.toReversed(),
    ops: [remove('controller_mutation_rate'), remove('consumer_byte_rate')],
  }
  assert.deepEqual(await alter(again, reversed), ['NONE'])
  assert.equal(shown(await open(storage)).length, 2)
})

test('a quota counts when it is stored, and not when the disk refuses it', async () => {
  const asked = heldWrite()
  const store = await open(asked.storage)
  const done = store.alter([user('alice', set('producer_byte_rate', 1))], { validateOnly: false })
  const refuse = await asked.write
  assert.equal(store.quotas.size, 0)
  refuse(new Error('no space left'))
  await assert.rejects(done, /no space left/)
  assert.equal(store.quotas.size, 0)
})

const rate = (value: number) => user('u', set('producer_byte_rate', value))
const alterations: [what: string, alteration: QuotaAlteration, error?: string][] = [
  ['nobody', { entity: [], ops: [] }],
  ['an unknown type', { entity: [{ type: 'USER', name: 'u' }], ops: [] }],
  ['an empty user', user('', set('producer_byte_rate', 1))],
  ['a name above 4 KiB', user('ü'.repeat(2049), set('producer_byte_rate', 1))],
  ['a name of 4 KiB', user('ü'.repeat(2048), set('producer_byte_rate', 1)), 'NONE'],
  [
    'a type twice',
    {
      entity: [
        { type: 'user', name: 'a' },
        { type: 'user', name: 'b' },
      ],
      ops: [],
    },
  ],
  [
    'an ip with a user',
    {
      entity: [
        { type: 'ip', name: '10.0.0.1' },
        { type: 'user', name: 'b' },
      ],
      ops: [],
    },
  ],
  ['a key of addresses for a user', user('u', set('connection_creation_rate', 1))],
  ['a key of users for an address', ip('10.0.0.1', set('producer_byte_rate', 1))],
  ['a key that nobody knows', user('u', set('__proto__', 1))],
  ['a key twice', user('u', set('producer_byte_rate', 1), remove('producer_byte_rate'))],
  ['all addresses', ip(null, set('connection_creation_rate', 1)), 'NONE'],
  ['more connections than an int32', ip('10.0.0.1', set('connection_creation_rate', 2 ** 31))],
  ['NaN', rate(Number.NaN)],
  ['infinity', rate(Number.POSITIVE_INFINITY)],
  ['minus zero', rate(-0)],
  ['a tiny number of bytes', rate(5e-324)],
  ['a fraction of a byte', rate(1.00001)],
  ['nearly a whole number', rate(1.0000001), 'NONE'],
  ['as many bytes as an int64 has', rate(2 ** 63), 'NONE'],
  ['more bytes than an int64 has', rate(1e308)],
  ['a huge percentage', user('u', set('request_percentage', 1e308)), 'NONE'],
]
for (const [what, alteration, error = 'INVALID_REQUEST'] of alterations) {
  test(`a quota with ${what} is answered ${error}, and others of the request are made`, async () => {
    const store = await open(memoryStorage({ clock }))
    assert.deepEqual(await alter(store, alteration, user('good', set('request_percentage', 1))), [error, 'NONE'])
    assert.equal(store.quotas.size, error === 'NONE' ? 2 : 1)
  })
}

test('of an entity that is named twice the first mention counts, and the answer is an error', async () => {
  const store = await open(memoryStorage({ clock }))
  assert.deepEqual(await alter(store, rate(1), rate(2)), ['INVALID_REQUEST'])
  assert.deepEqual(shown(store), [[{ user: 'u' }, { producer_byte_rate: 1 }]])
})

test('there is a limit of entities, within which what is there may change', async () => {
  const store = await open(memoryStorage({ clock }), 2)
  const quota = (name: string, value = 1) => user(name, set('producer_byte_rate', value))
  assert.deepEqual(await alter(store, quota('a'), quota('b'), quota('c')), ['NONE', 'NONE', 'POLICY_VIOLATION'])
  assert.deepEqual(await alter(store, quota('a', 2)), ['NONE'])
  assert.deepEqual(await alter(store, user('b', remove('producer_byte_rate')), quota('c')), ['NONE', 'NONE'])
})

test('what is only checked is not stored', async () => {
  const store = await open(memoryStorage({ clock }))
  const results = await store.alter([rate(1), user('v', set('producer_byte_rate', -1))], { validateOnly: true })
  assert.deepEqual(
    results.map(({ error }) => error),
    ['NONE', 'INVALID_REQUEST'],
  )
  assert.equal(store.quotas.size, 0)
})

const unusable: [what: string, content: string, reason: RegExp][] = [
  ['is no JSON', '{"version":1,"quo', /it is not JSON/],
  ['is of a later version', '{"version":2,"quotas":[]}', /it has version 2/],
  ['has no list', '{"version":1}', /quotas\.quotas/],
  ['has a value that nobody could set', stored([{ type: 'user', name: 'u' }], 'producer_byte_rate', -1), /above 0/],
  ['has an entity that is none', stored([], 'producer_byte_rate', 1), /nobody is named/],
]
for (const [what, content, reason] of unusable) {
  test(`a document of quotas that ${what} ends the start with one sentence`, async () => {
    const storage = memoryStorage({ clock })
    await storage.writeDocument('quotas', Buffer.from(content))
    await assert.rejects(open(storage), (error: Error) => {
      assert.match(error.message, reason)
      assert.match(error.message, /^What is stored of quotas cannot be used: .*Put back documents\/quotas/)
      return true
    })
  })
}

function stored(entity: object[], key: string, value: number): string {
  return JSON.stringify({ version: 1, quotas: [{ entity, values: [{ key, value }] }] })
}

const addresses: [text: string, address: string | undefined][] = [
  ['10.1.2.3', '10.1.2.3'],
  ['256.1.1.1', undefined],
  ['1.2.3', undefined],
  ['01.2.3.4', undefined],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['localhost', undefined],
  ['', undefined],
  ['::1', '::1'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['2001:DB8::1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::1]/x', undefined],
  ['1::2::3', undefined],
]
for (const [text, address] of addresses) {
  test(`the address of ${JSON.stringify(text)} is ${address}`, () => assert.equal(addressOf(text), address))
}
