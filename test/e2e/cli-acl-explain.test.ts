import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guardedScene } from './guarded-scene.js'

type Scene = Awaited<ReturnType<typeof guardedScene>>

function explain(s: Scene, flags: string): Promise<string> {
  return s.data(`acl explain ${flags}`)
}

const aliceReads = '--principal User:alice --operation read --topic orders'

test('the ACL that decides is named, a denial before what is allowed', async () => {
  await using s = await guardedScene()
  await s.data('acl allow --principal User:alice --operation read --topic ord --prefixed')
  assert.match(
    await explain(s, aliceReads),
    /^User:alice is allowed READ on topic orders\.\n {2}Decides: {2}ALLOW READ to User:alice on topic ord\*\.\n/,
  )
  await s.data('acl deny --principal User:* --operation all --topic orders')
  const denied = await explain(s, aliceReads)
  assert.match(
    denied,
    /^User:alice is not allowed READ on topic orders\.\n {2}Decides: {2}DENY ALL to User:\* on topic orders\./,
  )
  assert.match(denied, /\n\nPRINCIPAL .*\nUser:alice .* topic ord\*\nUser:\* .* topic orders\n$/)
})

test('what follows from another right is explained by that one', async () => {
  await using s = await guardedScene()
  await s.data('acl allow --principal User:alice --operation write --topic orders')
  assert.match(
    await explain(s, '--principal User:alice --operation describe --topic orders'),
    /Decides: {2}ALLOW WRITE to User:alice on topic orders\. WRITE implies DESCRIBE\.\n/,
  )
  await s.data('acl deny --principal User:alice --operation write --topic orders')
  assert.match(
    await explain(s, '--principal User:alice --operation describe --topic orders'),
    /^User:alice is allowed DESCRIBE/,
  )
})

test('where no ACL allows it, it is told how to, and where none is about it, that the brokers decide', async () => {
  await using s = await guardedScene()
  await s.data('topic create orders')
  assert.match(
    await explain(s, aliceReads),
    /^User:alice is allowed READ on topic orders only if brokers allow what no ACL is about\.\n {2}Decides: {2}allow_everyone_if_no_acl_found /,
  )
  await s.data('acl allow --principal User:bob --operation read --topic orders')
  const told = await explain(s, aliceReads)
  assert.match(
    told,
    /^User:alice is not allowed READ .*\n {2}Decides: {2}no ACL: 1 is about topic orders, and none allows it\.\n/,
  )
  const [, command] = /To allow: rivvenctl (.*)\n/.exec(told)!
  await s.data(command!)
  assert.match(await explain(s, aliceReads), /^User:alice is allowed READ on topic orders\.\n/)
})

test('super users are allowed everything, and nobody can find out who is one: that is said', async () => {
  await using s = await guardedScene()
  assert.match(
    await explain(s, aliceReads),
    /Besides: {2}super users .*\n +Whether User:alice is one, no client can find out\./,
  )
})

test('what an address makes a difference for is told, or decided for one that is named', async () => {
  await using s = await guardedScene()
  await s.data('acl allow --principal User:alice --operation read --topic orders')
  await s.data('acl deny --principal User:* --operation read --topic orders --host 10.0.0.7')
  assert.match(
    await explain(s, aliceReads),
    /^User:alice is allowed READ on topic orders\.\n(.*\n)+ {2}But: {6}from 10\.0\.0\.7 it is not allowed: DENY READ to User:\* from 10\.0\.0\.7 on topic/,
  )
  assert.match(
    await explain(s, `${aliceReads} --host 10.0.0.7`),
    /^User:alice is not allowed READ on topic orders from 10\.0\.0\.7\.\n/,
  )
  assert.doesNotMatch(await explain(s, `${aliceReads} --host 10.0.0.8`), /But:/)
})

test('topics may be created by who may create on the cluster', async () => {
  await using s = await guardedScene()
  await s.data('acl allow --principal User:alice --operation create --cluster')
  assert.match(
    await explain(s, '--principal User:alice --operation create --topic orders'),
    /But: {6}what is allowed on the cluster is enough: ALLOW CREATE to User:alice on cluster\.\n/,
  )
})

test('what is explained is what the broker does', async () => {
  await using s = await guardedScene()
  await s.data('topic create orders')
  await s.data('acl allow --principal User:alice --operation read --topic orders')
  await s.data('acl allow --principal User:bob --operation read --topic orders --host 10.0.0.7')
  for (const [user, isAllowed] of [
    ['alice', true],
    ['bob', false],
  ] as const) {
    const ran = await s.as(user, 'consume orders --from-beginning --timeout 100')
    assert.equal(ran.status, isAllowed ? 0 : 6, ran.words)
    const question = `--principal User:${user} --operation read --topic orders --host 127.0.0.1 -o json`
    assert.equal((JSON.parse(await explain(s, question)) as { allowed: boolean }).allowed, isAllowed)
  }
})

test('programs get the decision with the ACLs behind it', async () => {
  await using s = await guardedScene()
  await s.data('acl allow --principal User:alice --operation all --topic orders')
  const value = JSON.parse(await explain(s, `${aliceReads} -o json`)) as Record<string, unknown>
  const acl = {
    principal: 'User:alice',
    host: '*',
    operation: 'ALL',
    permission: 'ALLOW',
    resource: 'topic orders',
    resourceType: 'TOPIC',
    resourceName: 'orders',
    patternType: 'LITERAL',
  }
  assert.deepEqual(value, {
    principal: 'User:alice',
    host: null,
    operation: 'READ',
    resource: 'topic orders',
    allowed: true,
    reason: 'allowed',
    decidedBy: [acl],
    elsewhere: [],
    acls: [acl],
  })
  assert.equal(
    (JSON.parse(await explain(s, '--principal User:bob --operation read --group g -o ndjson')) as { allowed: unknown })
      .allowed,
    null,
  )
})
