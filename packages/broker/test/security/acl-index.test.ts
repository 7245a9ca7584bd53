import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aclPermissionTypes, patternTypes, resourceTypes } from '@rivven/protocol'
import fc from 'fast-check'
import type { Acl } from '../../src/security/acls/acl.js'
import { type AclFilter, aclsMeant } from '../../src/security/acls/acl-filter.js'
import { AclIndex } from '../../src/security/acls/acl-index.js'
import { operationNames } from '../../src/security/acls/operations.js'
import { Authorizer } from '../../src/security/authorizer.js'
import { textOf } from './acl-text.js'
import { isAllowed, isAllowedOnAny, isMeant } from './naive-acls.js'

const type = fc.constantFrom('TOPIC' as const, 'GROUP' as const)
const name = fc.constantFrom('a', 'ab', 'abc', 'abd', 'b', '*', 'hard', 'hardcode', '__proto__')
const principal = fc.constantFrom('User:alice', 'User:bob')
const host = fc.constantFrom('10.0.0.1', '10.0.0.2')
const operation = fc.constantFrom(...operationNames)
const acl: fc.Arbitrary<Acl> = fc.record({
  resourceType: type,
  patternType: fc.constantFrom('LITERAL' as const, 'PREFIXED' as const),
  name,
  principal: fc.oneof(principal, fc.constant('User:*')),
  host: fc.oneof(host, fc.constant('*')),
  operation,
  permission: fc.constantFrom('ALLOW' as const, 'DENY' as const),
})
const filter: fc.Arbitrary<AclFilter> = fc.record({
  resourceType: fc.constantFrom(...resourceTypes.names),
  patternType: fc.constantFrom(...patternTypes.names),
  name: fc.option(name),
  principal: fc.option(principal),
  host: fc.option(host),
  operation: fc.oneof(fc.constant('ANY' as const), operation),
  permission: fc.constantFrom(...aclPermissionTypes.names),
})
const change = fc.record({ added: fc.array(acl, { maxLength: 6 }), removed: fc.array(acl, { maxLength: 3 }) })

/** An index after some changes, and the same as a list. */
const history = fc.array(change, { minLength: 1, maxLength: 5 }).map((changes) => {
  const index = new AclIndex()
  const list = new Map<string, Acl>()
  for (const { added, removed } of changes) {
    // Half of what goes is there.
    const gone = [...removed, ...[...list.values()].slice(0, removed.length)]
    index.change({ added, removed: gone })
    for (const each of gone) list.delete(textOf(each))
    for (const each of added) list.set(textOf(each), each)
  }
  return { index, acls: [...list.values()] }
})

test('an index decides as a look at every ACL would, whatever was added and removed', () => {
  const question = fc.record({ principal, host, operation, type, name })
  fc.assert(
    fc.property(
      history,
      fc.array(question, { minLength: 20, maxLength: 20 }),
      fc.boolean(),
      (made, questions, isOpen) => {
        const { index, acls } = made
        const authorizer = new Authorizer({ acls: index, superUsers: new Set(), allowEveryoneIfNoAclFound: isOpen })
        for (const each of questions) {
          const { principal, host, operation, type, name } = each
          assert.equal(authorizer.may(principal, host, operation, type, name), isAllowed(acls, each, isOpen))
          assert.equal(authorizer.mayOnAny(principal, host, operation, type), isAllowedOnAny(acls, each, isOpen))
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('an index holds each ACL once, and gives those that a filter means', () => {
  fc.assert(
    fc.property(history, filter, ({ index, acls }, filter) => {
      assert.equal(index.count, acls.length)
      assert.deepEqual([...index.acls()].map(textOf).sort(), acls.map(textOf).sort())
      const meant = acls.filter((each) => isMeant(each, filter))
      assert.deepEqual([...aclsMeant(index, filter)].flat().map(textOf).sort(), meant.map(textOf).sort())
    }),
    { numRuns: 300 },
  )
})

test('an index that has lost all its ACLs is open again where nobody is spoken of', () => {
  const only: Acl = {
    resourceType: 'TOPIC',
    patternType: 'PREFIXED',
    name: 'a',
    principal: 'User:bob',
    host: '*',
    operation: 'READ',
    permission: 'ALLOW',
  }
  const index = new AclIndex([only])
  const authorizer = new Authorizer({ acls: index, superUsers: new Set(), allowEveryoneIfNoAclFound: true })
  const mayAlice = () => authorizer.may('User:alice', '10.0.0.1', 'READ', 'TOPIC', 'abc')
  assert.equal(mayAlice(), false, 'one ACL for Bob locks Alice out')
  index.change({ removed: [only] })
  assert.equal(mayAlice(), true)
})
