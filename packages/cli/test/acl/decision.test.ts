import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Acl } from '@rivven/client'
import { decide } from '../../src/acl/decision.js'
import type { Operation } from '../../src/acl/operations.js'

type Decided = [principal: string, host: string, operation: Operation, type: string, name: string, isAllowed: boolean]

interface Vectors {
  superUsers: string
  cases: { allowEveryone: boolean; acls: string[]; decisions: Decided[] }[]
}

const file = join(import.meta.dirname, '../../../../broker/test/vectors/authorizer.json')
const { superUsers, cases } = JSON.parse(readFileSync(file, 'utf8')) as Vectors

/** `ALLOW User:alice READ TOPIC LITERAL orders *` */
function aclOf(words: string): Acl {
  const [permissionType, principal, operation, resourceType, patternType, resourceName, host] = words.split(' ')
  return { permissionType, principal, operation, resourceType, patternType, resourceName, host } as Acl
}

/** As a broker answers a filter with pattern type MATCH. */
function isAbout(acl: Acl, type: string, name: string): boolean {
  if (acl.resourceType !== type) return false
  if (acl.patternType === 'PREFIXED') return name.startsWith(acl.resourceName)
  return acl.resourceName === '*' || acl.resourceName === name
}

test('what is explained is what Kafka decides, in thousands of cases', () => {
  let count = 0
  for (const { allowEveryone, acls, decisions } of cases) {
    const all = acls.map(aclOf)
    for (const [principal, host, operation, type, name, isAllowed] of decisions) {
      if (principal === superUsers) continue
      const { kind } = decide(
        all.filter((acl) => isAbout(acl, type, name)),
        { principal, host, operation },
      )
      const may = kind === 'allowed' || (kind === 'unnamed' && allowEveryone)
      assert.equal(may, isAllowed, `${principal} ${host} ${operation} ${type} ${name}: ${acls.join('; ')}`)
      count++
    }
  }
  assert.ok(count > 4000, `${count} cases`)
})

const onOrders = { resourceType: 'TOPIC', resourceName: 'orders', patternType: 'LITERAL' } as const
const allow = { ...onOrders, permissionType: 'ALLOW' } as const
const deny = { ...onOrders, permissionType: 'DENY' } as const
const alice = { principal: 'User:alice', host: null } as const

test('the ACLs that decide are named: the denials, else all that allow', () => {
  const everybodyReads: Acl = { ...allow, principal: 'User:*', operation: 'READ' }
  const aliceWrites: Acl = { ...allow, principal: 'User:alice', operation: 'WRITE' }
  const noBob: Acl = { ...deny, principal: 'User:bob', operation: 'ALL' }
  const acls = [everybodyReads, aliceWrites, noBob]
  assert.deepEqual(decide(acls, { ...alice, operation: 'DESCRIBE' }), {
    kind: 'allowed',
    by: [everybodyReads, aliceWrites],
  })
  assert.deepEqual(decide(acls, { ...alice, principal: 'User:bob', operation: 'READ' }), {
    kind: 'denied',
    by: [noBob],
  })
  assert.deepEqual(decide(acls, { ...alice, operation: 'DELETE' }), { kind: 'unmatched', by: [] })
})

test('what an ACL says of one address counts for that address alone, however it is written', () => {
  const local: Acl = { ...allow, principal: 'User:alice', operation: 'READ', host: '0:0:0:0:0:0:0:1' }
  const ask = (host: string | null) => decide([local], { ...alice, host, operation: 'READ' }).kind
  assert.deepEqual([null, '10.0.0.7', '::1', '0:0:0:0:0:0:0:1'].map(ask), [
    'unmatched',
    'unmatched',
    'allowed',
    'allowed',
  ])
})
