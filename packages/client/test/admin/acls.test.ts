import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CreateAcls,
  type CreateAclsRequest,
  DeleteAcls,
  type DeleteAclsRequest,
  DescribeAcls,
  type DescribeAclsRequest,
  ErrorCode,
} from '@rivven/protocol'
import { type Acl, type RivvenError, SeveralFailedError } from '../../src/index.js'
import { adminScene } from './admin-scene.js'

const read: Acl = {
  principal: 'User:alice',
  host: '*',
  operation: 'READ',
  permissionType: 'ALLOW',
  resourceType: 'TOPIC',
  resourceName: 'orders',
  patternType: 'PREFIXED',
}
const onWire = { resourceType: 2, resourceName: 'orders', patternType: 4 }
const ruleOnWire = { principal: 'User:alice', host: '*', operation: 3, permissionType: 3 }

test('ACLs are made by Kafka’s codes, with what is left out as usual', async () => {
  const { clock, tiny, admin } = adminScene()
  tiny.scripts.set(CreateAcls, () => ({ results: [{}, {}] }))
  const { host: _, patternType: __, ...short } = read
  await clock.until(admin.createAcls([read, short]))
  const { creations } = tiny.requestsOf(CreateAcls)[0]!.request as CreateAclsRequest
  const expected = { ...ruleOnWire, resourceType: 2, resourceName: 'orders' }
  assert.deepEqual(creations, [
    { ...expected, resourcePatternType: 4 },
    { ...expected, resourcePatternType: 3 },
  ])
})

test('each ACL that cannot be made has an error of its own', async () => {
  const { clock, tiny, admin } = adminScene()
  const results = [{ errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED }, {}, { errorCode: ErrorCode.INVALID_REQUEST }]
  tiny.scripts.set(CreateAcls, () => ({ results }))
  await assert.rejects(clock.until(admin.createAcls([read, read, read])), (error: RivvenError) => {
    assert.ok(error instanceof SeveralFailedError)
    assert.deepEqual(
      error.errors.map(({ code, facts }) => [code, facts.operation]),
      [
        ['AUTHORIZATION_FAILED', 'ALTER'],
        ['INVALID_REQUEST', undefined],
      ],
    )
    assert.match(error.message, /Creating the ACL ALLOW READ to User:alice from \* on PREFIXED TOPIC orders failed/)
    return true
  })
})

test('a filter means anything where it says nothing', async () => {
  const { clock, tiny, admin } = adminScene()
  tiny.scripts.set(DescribeAcls, () => ({
    resources: [{ ...onWire, acls: [ruleOnWire, { ...ruleOnWire, operation: 99 }] }],
  }))
  assert.deepEqual(await clock.until(admin.describeAcls()), [read, { ...read, operation: 'UNKNOWN' }])
  await clock.until(
    admin.describeAcls({ resourceType: 'GROUP', resourceName: 'g', patternType: 'MATCH', operation: 'ALL' }),
  )
  const [all, some] = tiny.requestsOf(DescribeAcls).map(({ request }) => request as DescribeAclsRequest)
  const anything = { principalFilter: null, hostFilter: null, permissionType: 1 }
  assert.deepEqual(all, {
    ...anything,
    resourceTypeFilter: 1,
    resourceNameFilter: null,
    patternTypeFilter: 1,
    operation: 1,
  })
  assert.deepEqual(some, {
    ...anything,
    resourceTypeFilter: 3,
    resourceNameFilter: 'g',
    patternTypeFilter: 2,
    operation: 2,
  })
})

test('a broker without an authorizer says so', async () => {
  const { clock, tiny, admin } = adminScene()
  tiny.scripts.set(DescribeAcls, () => ({ errorCode: ErrorCode.SECURITY_DISABLED }))
  await assert.rejects(clock.until(admin.describeAcls()), { code: 'SECURITY_DISABLED' })
})

test('those that were removed are told once, however many filters mean them', async () => {
  const { clock, tiny, admin } = adminScene()
  const matchingAcls = [{ ...onWire, ...ruleOnWire }]
  tiny.scripts.set(DeleteAcls, () => ({ filterResults: [{ matchingAcls }, { matchingAcls }, { matchingAcls: [] }] }))
  const removed = await clock.until(admin.deleteAcls([{ principal: 'User:alice' }, {}, { host: '10.0.0.1' }]))
  assert.deepEqual(removed, [read])
  const { filters } = tiny.requestsOf(DeleteAcls)[0]!.request as DeleteAclsRequest
  assert.deepEqual(
    filters.map(({ principalFilter, hostFilter }) => [principalFilter, hostFilter]),
    [
      ['User:alice', null],
      [null, null],
      [null, '10.0.0.1'],
    ],
  )
})

test('what is no ACL is refused before it is sent', async () => {
  const { admin } = adminScene()
  const refusals: [Partial<Record<keyof Acl, unknown>>, RegExp][] = [
    [{ principal: 'alice' }, /principal is "alice": it must be a principal, as in 'User:alice'/],
    [{ operation: 'read' }, /operation is "read": it must be 'ALL', 'READ'/],
    [{ operation: 'ANY' }, /operation is "ANY"/],
    [{ patternType: 'MATCH' }, /patternType is "MATCH"/],
    [{ permissionType: 'UNKNOWN' }, /permissionType is "UNKNOWN"/],
    [{ resourceName: '' }, /resourceName/],
  ]
  for (const [wrong, message] of refusals)
    await assert.rejects(admin.createAcls([{ ...read, ...wrong } as Acl]), { code: 'INVALID_ARGUMENT', message })
})
