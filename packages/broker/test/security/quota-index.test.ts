import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AddressQuotas, QuotaCounts } from '../../src/security/quotas/client-quotas.js'
import { entityId, type QuotaEntity, type QuotaKey } from '../../src/security/quotas/quota.js'
import { QuotaIndex } from '../../src/security/quotas/quota-index.js'

type Named = { readonly user?: string | null; readonly client?: string | null; readonly ip?: string | null }

function entityOf({ user, client, ip }: Named): QuotaEntity {
  return [
    ...(client === undefined ? [] : [{ type: 'client-id' as const, name: client }]),
    ...(user === undefined ? [] : [{ type: 'user' as const, name: user }]),
    ...(ip === undefined ? [] : [{ type: 'ip' as const, name: ip }]),
  ]
}

function indexOf(quotas: readonly (readonly [Named, number])[], key: QuotaKey = 'producer_byte_rate'): QuotaIndex {
  const entries = quotas.map(([named, rate]) => ({ entity: entityOf(named), values: new Map([[key, rate]]) }))
  return new QuotaIndex(new Map(entries.map((entry) => [entityId(entry.entity), entry])))
}

/** All that may count for alice's client c, the one that counts first in front. */
const order: Named[] = [
  { user: 'alice', client: 'c' },
  { user: 'alice', client: null },
  { user: 'alice' },
  { user: null, client: 'c' },
  { user: null, client: null },
  { user: null },
  { client: 'c' },
  { client: null },
]
const others: Named[] = [{ user: 'bob', client: 'c' }, { user: 'bob' }, { client: 'd' }, { user: 'alice', client: 'd' }]
const alice = { user: 'alice', clientId: 'c' }

test('of all quotas that there may be, the first in the order of KIP-55 counts', () => {
  fc.assert(
    fc.property(fc.subarray([...order, ...others]), (some) => {
      const index = indexOf(some.map((named) => [named, 1 + order.indexOf(named)]))
      const first = order.find((named) => some.includes(named))
      assert.equal(index.limitOf('producer_byte_rate', alice)?.rate, first && 1 + order.indexOf(first))
      assert.equal(index.limitOf('consumer_byte_rate', alice), undefined)
    }),
  )
})

const sharing: [quota: Named, users: string[], clients: string[], counts: number][] = [
  [{ user: 'alice' }, ['alice'], ['c', 'd'], 1],
  [{ user: 'alice', client: null }, ['alice'], ['c', 'd'], 2],
  [{ user: null }, ['alice', 'bob'], ['c', 'd'], 2],
  [{ user: null, client: null }, ['alice', 'bob'], ['c', 'd'], 4],
  [{ client: 'c' }, ['alice', 'bob'], ['c'], 1],
  [{ client: null }, ['alice', 'bob'], ['c', 'd'], 2],
  [{ user: null, client: null }, ['a 1', 'a'], ['1 b', 'b'], 4],
]
for (const [quota, users, clients, counts] of sharing) {
  test(`clients ${clients} of ${users} under a quota of ${JSON.stringify(quota)} share ${counts} counts`, () => {
    const index = indexOf([[quota, 1]])
    const found = users.flatMap((user) =>
      clients.map((clientId) => index.limitOf('producer_byte_rate', { user, clientId })?.count),
    )
    assert.equal(new Set(found).size, counts)
    assert.ok(!found.includes(undefined))
  })
}

test('an address has its own quota, however it is written, or that of all', () => {
  const key = 'connection_creation_rate'
  const index = indexOf(
    [
      [{ ip: '0:0:0:0:0:0:0:1' }, 1],
      [{ ip: '10.0.0.1' }, 2],
      [{ ip: null }, 3],
    ],
    key,
  )
  assert.deepEqual(
    ['::1', '10.0.0.1', '10.0.0.2'].map((address) => index.addressRate(address)),
    [1, 2, 3],
  )
  assert.equal(index.hasClients, false)
  assert.equal(indexOf([[{ ip: '10.0.0.1' }, 2]], key).addressRate('10.0.0.2'), undefined)
})

test('connections above the rate of an address wait for a second at most, and are not counted', () => {
  const index = indexOf([[{ ip: null }, 2]], 'connection_creation_rate')
  const counts = new QuotaCounts()
  const quotas = new AddressQuotas(index, counts)
  const waits = Array.from({ length: 100 }, () => quotas.connect('10.0.0.1', 500_000))
  assert.deepEqual(
    [...new Set(waits)],
    [0, 500, 1000].filter((ms) => waits.includes(ms)),
  )
  assert.equal(waits.filter((ms) => ms === 0).length, 20)
  assert.equal(quotas.connect('10.0.0.2', 500_000), 0)
  assert.equal(quotas.connect('10.0.0.1', 511_000), 0)
  assert.equal(counts.waits.get('connection_creation_rate')?.count, 80)
})
