import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  AlterUserScramCredentials,
  CreateAcls,
  DeleteAcls,
  DescribeAcls,
  DescribeUserScramCredentials,
  ErrorCode,
} from '@rivven/protocol'
import { type Rivven, startRivven } from '@rivven/testing'
import { RawConnection } from '../support/raw-connection.js'

// What requests about ACLs and users may hold (security.md §16, S10), and where Kafka gives no answer, or none that helps.
let rivven: Rivven
let admin: RawConnection
before(async () => {
  rivven = await startRivven({ config: { authorizer_class_name: 'standard', super_users: 'User:ANONYMOUS' } })
  admin = await RawConnection.open(rivven.port)
})
after(async () => {
  admin.destroy()
  await rivven.close()
})

const readOrders = {
  ...{ resourceType: 2, resourceName: 'orders', resourcePatternType: 3 },
  ...{ principal: 'User:alice', host: '*', operation: 3, permissionType: 3 },
}
const anyAcl = {
  ...{ resourceTypeFilter: 1, resourceNameFilter: null, patternTypeFilter: 1 },
  ...{ principalFilter: null, hostFilter: null, operation: 1, permissionType: 1 },
}

async function errorsOf(...creations: object[]): Promise<number[]> {
  const { results } = await admin.call(CreateAcls, 3, { creations })
  return results.map(({ errorCode }) => errorCode)
}

async function countAcls(): Promise<number> {
  const { resources } = await admin.call(DescribeAcls, 3, anyAcl)
  return resources.reduce((count, { acls }) => count + acls.length, 0)
}

for (const field of ['resourceType', 'resourcePatternType', 'operation', 'permissionType']) {
  test(`S10: an ACL whose ${field} has the code 0 ends the connection; 99 is refused, and the others are made`, async () => {
    const connection = await RawConnection.open(rivven.port)
    const creations = [{ ...readOrders, [field]: 0 }]
    await assert.rejects(connection.call(CreateAcls, 3, { creations }), /the broker closed the connection/)
    assert.deepEqual(await errorsOf({ ...readOrders, [field]: 99 }, readOrders), [ErrorCode.INVALID_REQUEST, 0])
  })
}

for (const field of ['resourceTypeFilter', 'patternTypeFilter', 'operation', 'permissionType']) {
  test(`S10: a filter whose ${field} has the code 0 ends the connection; 99 matches nothing, and deletes nothing`, async () => {
    for (const call of [
      (connection: RawConnection) => connection.call(DescribeAcls, 3, { ...anyAcl, [field]: 0 }),
      (connection: RawConnection) => connection.call(DeleteAcls, 3, { filters: [{ ...anyAcl, [field]: 0 }] }),
    ]) {
      const connection = await RawConnection.open(rivven.port)
      await assert.rejects(call(connection), /the broker closed the connection/)
    }
    const described = await admin.call(DescribeAcls, 3, { ...anyAcl, [field]: 99 })
    assert.deepEqual([described.errorCode, described.resources], [0, []])
    const { filterResults } = await admin.call(DeleteAcls, 3, { filters: [{ ...anyAcl, [field]: 99 }] })
    assert.deepEqual(
      filterResults.map(({ errorCode, matchingAcls }) => [errorCode, matchingAcls]),
      [[ErrorCode.INVALID_REQUEST, []]],
    )
  })
}

test('S10: 100,000 ACLs in a request are refused, and none is made', async () => {
  const before = await countAcls()
  const creations = Array.from({ length: 100_000 }, (_, at) => ({ ...readOrders, resourceName: `t-${at}` }))
  assert.deepEqual(new Set(await errorsOf(...creations)), new Set([ErrorCode.POLICY_VIOLATION]))
  assert.equal(await countAcls(), before)
})

const texts: [what: string, change: object, error: number][] = [
  ['a name of 32 KiB', { resourceName: 'x'.repeat(32_000) }, ErrorCode.INVALID_REQUEST],
  ['the principal x', { principal: 'x' }, ErrorCode.INVALID_REQUEST],
  ['the principal User:', { principal: 'User:' }, ErrorCode.NONE],
  ['the principal User:a:b', { principal: 'User:a:b' }, ErrorCode.NONE],
  ['a host that is no address', { host: 'not an address' }, ErrorCode.NONE],
]
for (const [what, change, error] of texts) {
  test(`S10: an ACL with ${what} is answered ${error}`, async () => {
    assert.deepEqual(await errorsOf({ ...readOrders, ...change }), [error])
  })
}

test('users may be asked for by nobody in particular without the right to see them: an answer, with none', async () => {
  await using guarded = await startRivven({ config: { authorizer_class_name: 'standard' } })
  const connection = await RawConnection.open(guarded.port)
  const { errorCode, results } = await connection.call(DescribeUserScramCredentials, 0, { users: null })
  assert.deepEqual([errorCode, results], [ErrorCode.CLUSTER_AUTHORIZATION_FAILED, []])
  connection.destroy()
})

const secrets = { salt: Buffer.from('salt'), saltedPassword: Buffer.alloc(32) }
const credential = { name: 'alice', mechanism: 1, iterations: 4096, ...secrets }
const unusable: [what: string, change: object][] = [
  ['an empty salt', { salt: Buffer.alloc(0) }],
  ['a salt of more than 1 KiB', { salt: Buffer.alloc(1025) }],
  ['a salted password of another length than its hash', { mechanism: 2 }],
  ['the name of everybody', { name: '*' }],
]
for (const [what, change] of unusable) {
  test(`a credential with ${what} is not stored: nobody could ever log in with it`, async () => {
    const upsertions = [{ ...credential, ...change }]
    const { results } = await admin.call(AlterUserScramCredentials, 0, { deletions: [], upsertions })
    assert.deepEqual(
      results.map(({ errorCode }) => errorCode),
      [ErrorCode.UNACCEPTABLE_CREDENTIAL],
    )
  })
}
