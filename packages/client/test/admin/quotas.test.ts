import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AlterClientQuotas, DescribeClientQuotas, ErrorCode } from '@rivven/protocol'
import type { QuotaChange, QuotaFilter, RivvenError } from '../../src/index.js'
import { adminScene } from './admin-scene.js'

const part = (entityType: string, entityName: string | null) => ({ entityType, entityName })

test('quotas are set and taken away, each for its entity', async () => {
  const { clock, tiny, admin } = adminScene()
  tiny.scripts.set(AlterClientQuotas, () => ({ entries: [] }))
  const changes: QuotaChange[] = [
    { user: 'alice', clientId: null, quotas: { producer_byte_rate: 1024, request_percentage: null } },
    { ip: '10.0.0.7', quotas: { connection_creation_rate: 5 } },
  ]
  await clock.until(admin.alterQuotas(changes))
  await clock.until(admin.alterQuotas([], { validateOnly: true }))
  const asked = tiny.requestsOf(AlterClientQuotas).map(({ request }) => request)
  assert.deepEqual(asked, [
    {
      entries: [
        {
          entity: [part('user', 'alice'), part('client-id', null)],
          ops: [
            { key: 'producer_byte_rate', value: 1024, remove: false },
            { key: 'request_percentage', value: 0, remove: true },
          ],
        },
        { entity: [part('ip', '10.0.0.7')], ops: [{ key: 'connection_creation_rate', value: 5, remove: false }] },
      ],
      validateOnly: false,
    },
    { entries: [], validateOnly: true },
  ])
})

test('quotas are described as they can be set', async () => {
  const { clock, tiny, admin } = adminScene()
  const values = [{ key: 'producer_byte_rate', value: 1024 }]
  const entries = [
    { entity: [part('client-id', 'copier'), part('user', 'alice')], values },
    { entity: [part('user', null)], values },
  ]
  tiny.scripts.set(DescribeClientQuotas, () => ({ entries }))
  assert.deepEqual(await clock.until(admin.describeQuotas()), [
    { user: 'alice', clientId: 'copier', quotas: { producer_byte_rate: 1024 } },
    { user: null, quotas: { producer_byte_rate: 1024 } },
  ])
})

test('a filter means a name, the default, or any', async () => {
  const { clock, tiny, admin } = adminScene()
  tiny.scripts.set(DescribeClientQuotas, () => ({ entries: [] }))
  await clock.until(admin.describeQuotas({ user: 'alice', clientId: true }))
  await clock.until(admin.describeQuotas({ ip: null, strict: true }))
  const asked = tiny.requestsOf(DescribeClientQuotas).map(({ request }) => request)
  assert.deepEqual(asked, [
    {
      components: [
        { entityType: 'user', matchType: 0, match: 'alice' },
        { entityType: 'client-id', matchType: 2, match: null },
      ],
      strict: false,
    },
    { components: [{ entityType: 'ip', matchType: 1, match: null }], strict: true },
  ])
})

test('a change that is refused says whose, and why', async () => {
  const { clock, tiny, admin } = adminScene()
  const refused = { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: 'producer_byte_rate is a whole number' }
  const entity = [part('user', 'alice'), part('client-id', null)]
  tiny.scripts.set(AlterClientQuotas, () => ({ entries: [{ entity, ...refused }] }))
  const change = { user: 'alice', clientId: null, quotas: { producer_byte_rate: 0.5 } }
  await assert.rejects(clock.until(admin.alterQuotas([change])), (error: RivvenError) => {
    assert.equal(error.code, 'INVALID_REQUEST')
    assert.match(error.message, /quotas of user alice with the default client-id failed/)
    assert.match(error.message, /The broker says: producer_byte_rate is a whole number\./)
    assert.equal(error.facts.user, 'alice')
    return true
  })
})

test('who may not see or change quotas is told the right that is missing', async () => {
  const { clock, tiny, admin } = adminScene()
  const errorCode = ErrorCode.CLUSTER_AUTHORIZATION_FAILED
  tiny.scripts.set(DescribeClientQuotas, () => ({ errorCode, entries: null }))
  tiny.scripts.set(AlterClientQuotas, () => ({ entries: [{ errorCode, entity: [part('user', 'alice')] }] }))
  const calls = [
    [() => admin.describeQuotas(), 'DESCRIBE_CONFIGS'],
    [() => admin.alterQuotas([{ user: 'alice', quotas: {} }]), 'ALTER_CONFIGS'],
  ] as const
  for (const [call, operation] of calls)
    await assert.rejects(clock.until<unknown>(call()), (error: RivvenError) => {
      assert.deepEqual([error.code, error.facts.operation], ['AUTHORIZATION_FAILED', operation])
      return true
    })
})

test('what makes no sense is refused before anybody is asked', async () => {
  const { admin } = adminScene()
  const changes: [change: object, says: RegExp][] = [
    [{ quotas: {} }, /names nobody.*null is the default/],
    [{ user: 'a', ip: '::1', quotas: {} }, /an ip and more/],
    [{ user: '', quotas: {} }, /not empty/],
    [{ user: 'a', quotas: { producer_byte_rates: 1 } }, /producer_byte_rate/],
    [{ user: 'a', quotas: { producer_byte_rate: 0 } }, /above 0/],
    [{ user: 'a', quotas: { producer_byte_rate: Number.NaN } }, /above 0/],
    [{ user: 'a', quotas: { producer_byte_rate: '1' } }, /above 0/],
  ]
  for (const [change, says] of changes)
    await assert.rejects(admin.alterQuotas([change as QuotaChange]), (error: RivvenError) => {
      assert.equal(error.code, 'INVALID_ARGUMENT')
      assert.match(error.message, says)
      return true
    })
  for (const filter of [{ user: '' }, { user: false }, { users: 'a' }])
    await assert.rejects(admin.describeQuotas(filter as QuotaFilter), { code: 'INVALID_ARGUMENT' })
})
