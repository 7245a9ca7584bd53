import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessOf } from '../../src/security/access.js'
import type { AclImage } from '../../src/security/acls/acl-index.js'
import { AclIndex } from '../../src/security/acls/acl-index.js'
import { Authorizer } from '../../src/security/authorizer.js'
import { aclOf } from './acl-text.js'

const alice = 'User:alice'

/** Counts the questions that reach the ACLs. */
function countedAccess(...acls: string[]) {
  const index = new AclIndex(acls.map(aclOf))
  const asked = { count: 0 }
  const counting: AclImage = {
    get version() {
      return index.version
    },
    patternsOver: (type, name) => {
      asked.count++
      return index.patternsOver(type, name)
    },
    pattern: (...words) => index.pattern(...words),
    patternsNaming: (...words) => index.patternsNaming(...words),
  }
  const authorizer = new Authorizer({ acls: counting, superUsers: new Set(['User:root']) })
  return { index, asked, access: accessOf(authorizer, alice, '10.0.0.1') }
}

test('a decision is asked of the ACLs once, for all operations on a name', () => {
  const { access, asked } = countedAccess('ALLOW User:alice READ TOPIC LITERAL orders *')
  for (let time = 0; time < 3; time++) {
    assert.equal(access.may('READ', 'TOPIC', 'orders'), true)
    assert.equal(access.may('DESCRIBE', 'TOPIC', 'orders'), true)
    assert.equal(access.may('WRITE', 'TOPIC', 'orders'), false)
  }
  assert.equal(asked.count, 1)
  assert.equal(access.may('READ', 'GROUP', 'orders'), false)
  assert.equal(asked.count, 2)
})

test('a change of the ACLs counts from the next question on', () => {
  const { access, index } = countedAccess('ALLOW User:alice WRITE TOPIC LITERAL orders *')
  assert.equal(access.may('WRITE', 'TOPIC', 'orders'), true)
  assert.equal(access.mayOnAny('WRITE', 'TOPIC'), true)
  index.change({ added: [aclOf('DENY User:* WRITE TOPIC LITERAL * *')] })
  assert.equal(access.may('WRITE', 'TOPIC', 'orders'), false)
  assert.equal(access.mayOnAny('WRITE', 'TOPIC'), false)
})

test('a client that asks for many names makes a connection remember no more than 1,000', () => {
  const { access, asked } = countedAccess()
  for (let at = 0; at < 1000; at++) access.may('READ', 'TOPIC', `t${at}`)
  access.may('READ', 'TOPIC', 't0')
  assert.equal(asked.count, 1000)
  access.may('READ', 'TOPIC', 't1000')
  access.may('READ', 'TOPIC', 't0')
  assert.equal(asked.count, 1002, 'all are forgotten at once')
})

test('super users may do everything, whatever is denied to them', () => {
  const acls = new AclIndex([aclOf('DENY User:root ALL TOPIC LITERAL * *')])
  const access = accessOf(new Authorizer({ acls, superUsers: new Set(['User:root']) }), 'User:root', '10.0.0.1')
  assert.equal(access.may('WRITE', 'TOPIC', 'orders'), true)
  assert.equal(access.mayOnAny('WRITE', 'TOPIC'), true)
})

test('without an authorizer everybody may do everything', () => {
  const access = accessOf(null, 'User:ANONYMOUS', '10.0.0.1')
  assert.equal(access.may('ALTER', 'CLUSTER', 'kafka-cluster'), true)
  assert.equal(access.mayOnAny('WRITE', 'TOPIC'), true)
  assert.deepEqual([access.principal, access.host], ['User:ANONYMOUS', '10.0.0.1'])
})

test("the set of operations has Kafka's bits, implied operations among them", () => {
  const { access } = countedAccess('ALLOW User:alice READ TOPIC LITERAL orders *')
  assert.equal(access.operationsOn('TOPIC', 'orders'), (1 << 3) | (1 << 8))
  assert.equal(access.operationsOn('TOPIC', 'other'), 0)
})

const hosts: [peer: string, acl: string, isMeant: boolean][] = [
  ['10.0.0.1', '10.0.0.1', true],
  ['10.0.0.1', '10.0.0.10', false],
  ['::1', '::1', true],
  ['::1', '0:0:0:0:0:0:0:1', true],
  ['::', '0:0:0:0:0:0:0:0', true],
  ['fe80::a:0:1', 'fe80:0:0:0:0:a:0:1', true],
  ['2001:db8::', '2001:db8:0:0:0:0:0:0', true],
  ['2001:db8::ff00:42:8329', '2001:db8:0:0:0:ff00:42:8329', true],
  ['2001:db8::ff00:42:8329', '2001:db8:0:0:ff00:42:8329', false],
  ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1%eth0', true],
  ['::1', '127.0.0.1', false],
]
for (const [peer, host, isMeant] of hosts) {
  test(`a peer at ${peer} is ${isMeant ? '' : 'not '}meant by an ACL for ${host}`, () => {
    const acls = new AclIndex([aclOf(`ALLOW User:alice READ TOPIC LITERAL orders ${host}`)])
    const authorizer = new Authorizer({ acls, superUsers: new Set() })
    assert.equal(authorizer.may(alice, peer, 'READ', 'TOPIC', 'orders'), isMeant)
  })
}
