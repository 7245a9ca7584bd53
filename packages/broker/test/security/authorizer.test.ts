import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AclOperation, ResourceType } from '@rivven/protocol'
import { accessOf } from '../../src/security/access.js'
import { AclIndex } from '../../src/security/acls/acl-index.js'
import { Authorizer } from '../../src/security/authorizer.js'
import { aclOf } from './acl-text.js'
import { securityVectors } from './security-vectors.js'

interface AuthorizerVectors {
  superUsers: string
  cases: {
    allowEveryone: boolean
    acls: string[]
    decisions: [principal: string, host: string, AclOperation, ResourceType, name: string, isAllowed: boolean][]
    anyOfType: [principal: string, host: string, AclOperation, ResourceType, isAllowed: boolean][]
  }[]
}

const vectors = securityVectors<AuthorizerVectors>('authorizer')
const superUsers = new Set(vectors.superUsers.split(';'))

test('decides 6,120 questions about a name and 1,400 about any of a type as Apache Kafka does', () => {
  let count = 0
  for (const { allowEveryone, acls, decisions, anyOfType } of vectors.cases) {
    const index = new AclIndex(acls.map(aclOf))
    const authorizer = new Authorizer({ acls: index, superUsers, allowEveryoneIfNoAclFound: allowEveryone })
    for (const [principal, host, operation, type, name, isAllowed] of decisions) {
      const question = `${principal} ${host} ${operation} ${type} ${name} under ${acls.join('; ')}`
      assert.equal(authorizer.may(principal, host, operation, type, name), isAllowed, question)
      assert.equal(accessOf(authorizer, principal, host).may(operation, type, name), isAllowed, question)
      count++
    }
    for (const [principal, host, operation, type, isAllowed] of anyOfType) {
      const question = `${principal} ${host} ${operation} any ${type} under ${acls.join('; ')}`
      assert.equal(authorizer.mayOnAny(principal, host, operation, type), isAllowed, question)
      assert.equal(accessOf(authorizer, principal, host).mayOnAny(operation, type), isAllowed, question)
      count++
    }
  }
  assert.equal(count, 7520)
})
