import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertPlainFailure, cells, scene } from './cli-scene.js'
import { guardedScene } from './guarded-scene.js'
import { rivvenctl } from './rivvenctl.js'

type Scene = Awaited<ReturnType<typeof guardedScene>>

/** `User:alice * READ ALLOW topic orders`, a line each. */
async function rules(s: Scene, flags = ''): Promise<string[]> {
  return cells(await s.data(`acl list${flags}`)).map((row) => row.join(' '))
}

/** Does it and gives the words. */
async function words(s: Scene, line: string): Promise<string> {
  const ran = await s.as('admin', line)
  assert.deepEqual([ran.status, ran.out], [0, ''], `${line}: ${ran.words}`)
  return ran.words
}

test('what is allowed can be done, and what is denied cannot, whatever is allowed', async () => {
  await using s = await guardedScene()
  await s.data('topic create orders')
  assert.equal((await s.as('alice', 'produce orders x')).status, 6)
  assert.equal(
    await words(s, 'acl allow --principal User:alice --operation write,describe --topic orders'),
    'Allowed User:alice WRITE and DESCRIBE on topic orders.\n',
  )
  assert.equal((await s.as('alice', 'produce orders x')).status, 0)
  assert.equal(
    await words(s, 'acl deny --principal User:* --operation write --topic ord --prefixed --host 127.0.0.1'),
    'Denied User:* WRITE on topic ord* from 127.0.0.1.\n',
  )
  assert.equal((await s.as('alice', 'produce orders x')).status, 6)
  assert.deepEqual(await rules(s), [
    'User:* 127.0.0.1 WRITE DENY topic ord*',
    'User:alice * DESCRIBE ALLOW topic orders',
    'User:alice * WRITE ALLOW topic orders',
  ])
})

test('a producer and a consumer work with what their bundles allow, and the same words take it away', async () => {
  await using s = await guardedScene()
  const producer = '--producer --principal User:alice --topic orders --transactional-id copier'
  await s.data(`acl allow ${producer}`)
  await s.data('acl allow --consumer --principal User:bob --topic orders --group billing')
  assert.deepEqual(await rules(s), [
    'User:bob * READ ALLOW group billing',
    'User:alice * CREATE ALLOW topic orders',
    'User:alice * DESCRIBE ALLOW topic orders',
    'User:alice * WRITE ALLOW topic orders',
    'User:bob * DESCRIBE ALLOW topic orders',
    'User:bob * READ ALLOW topic orders',
    'User:alice * DESCRIBE ALLOW transactional-id copier',
    'User:alice * WRITE ALLOW transactional-id copier',
  ])
  const made = await s.as('alice', 'topic create orders')
  assert.equal(made.status, 0, made.words)
  const written = await s.as('alice', 'produce orders x')
  assert.equal(written.status, 0, written.words)
  const read = await s.as('bob', 'consume orders --group billing --from-beginning -n 1')
  assert.deepEqual([read.status, read.out], [0, 'x\n'], read.words)
  const removed = await s.as('admin', `acl remove ${producer}`)
  assert.equal(removed.words, 'Removed 5 ACLs.\n')
  assert.equal((await s.as('alice', 'produce orders x')).status, 6)
  assert.equal((await rules(s)).length, 3)
})

test('ACLs are listed by what they name, and by what they count for', async () => {
  await using s = await guardedScene()
  await s.data('acl allow --principal User:alice --operation read --topic orders')
  await s.data('acl allow --principal User:alice --operation read --topic orders --group orders --prefixed')
  await s.data(['acl', 'allow', '--principal', 'User:bob', '--operation', 'all', '--topic', '*'])
  await s.data('acl allow --principal User:bob --operation cluster-action,idempotent_write --cluster')
  const named = ['User:alice * READ ALLOW topic orders', 'User:alice * READ ALLOW topic orders*']
  assert.deepEqual(await rules(s, ' --topic orders'), named)
  assert.deepEqual(await rules(s, ' --topic orders --prefixed'), named.slice(1))
  assert.deepEqual(await rules(s, ' --topic orders --principal User:bob'), [])
  assert.deepEqual(await rules(s, ' --matching orders-2'), [
    'User:alice * READ ALLOW group orders*',
    'User:bob * ALL ALLOW topic *',
    'User:alice * READ ALLOW topic orders*',
  ])
  assert.deepEqual(await rules(s, ' --cluster'), [
    'User:bob * CLUSTER_ACTION ALLOW cluster',
    'User:bob * IDEMPOTENT_WRITE ALLOW cluster',
  ])
  assert.equal((await rules(s, ' --principal User:alice')).length, 3)
  assertPlainFailure(await s.as('admin', 'acl list --matching a --topic b'), /leave one out/, 2)
})

test('programs get the parts of each ACL, which no name can blur', async () => {
  await using s = await guardedScene()
  await s.data('acl allow --principal User:alice --operation read --group orders --prefixed')
  await s.data('acl allow --principal User:alice --operation read --group orders*')
  const listed = JSON.parse(await s.data('acl list -o json')) as Record<string, unknown>[]
  const common = { principal: 'User:alice', host: '*', operation: 'READ', permission: 'ALLOW', resourceType: 'GROUP' }
  assert.deepEqual(listed, [
    { ...common, resource: 'group orders*', resourceName: 'orders', patternType: 'PREFIXED' },
    { ...common, resource: 'group "orders*"', resourceName: 'orders*', patternType: 'LITERAL' },
  ])
  assert.match(
    await s.data('acl list -o csv'),
    /^principal,host,operation,permission,resource,resourceType,resourceName,patternType\nUser:alice,\*,READ,ALLOW,/,
  )
  assert.match(await s.data('acl list -o yaml'), /^- principal: User:alice\n/)
  assert.equal((await s.data('acl list -o ndjson')).trimEnd().split('\n').length, 2)
})

test('what goes is shown, a person is asked, and nothing else goes', async () => {
  await using s = await guardedScene()
  await s.data('acl allow --principal User:alice --operation read,write --topic orders')
  await s.data('acl deny --principal User:alice --operation read --topic orders')
  await s.data('acl allow --principal User:alice --operation read --topic orders --prefixed')
  const remove = (line: string, ...lines: string[]) =>
    s.as('admin', `acl remove ${line}`, { isInteractive: true, lines })
  const no = await remove('--topic orders --operation read', 'n')
  assert.equal(no.status, 3)
  assert.deepEqual(
    cells(no.out).map((row) => row.join(' ')),
    ['User:alice * READ DENY topic orders', 'User:alice * READ ALLOW topic orders'],
  )
  assert.match(no.words, /^Remove these 2 ACLs\? \[y\/N\] rivvenctl: Nothing was removed\.\n$/)
  const yes = await remove('--topic orders --operation read --permission allow', 'y')
  assert.match(yes.words, /^Remove this 1 ACL\? \[y\/N\] Removed 1 ACL\.\n$/)
  assert.deepEqual(await rules(s), [
    'User:alice * READ DENY topic orders',
    'User:alice * WRITE ALLOW topic orders',
    'User:alice * READ ALLOW topic orders*',
  ])
  assert.equal((await remove('--principal User:alice --yes')).words, 'Removed 3 ACLs.\n')
  assert.deepEqual(await rules(s), [])
})

test('rights that were mistyped are not taken for taken away', async () => {
  await using s = await guardedScene()
  await s.data('acl allow --principal User:alice --operation read --topic orders')
  for (const line of ['--principal User:alcie', '--topic oders', '--topic orders --prefixed', '--host 10.0.0.7'])
    assertPlainFailure(await s.as('admin', `acl remove ${line}`), /There is no such ACL: nothing was removed\./, 4)
  assertPlainFailure(await s.as('admin', 'acl remove --yes'), /Say which: /, 2)
  assert.equal((await rules(s)).length, 1)
})

test('thousands of ACLs go in requests that a broker takes', async () => {
  await using s = await guardedScene()
  const hosts = Array.from({ length: 1500 }, (_, n) => ['--host', `10.0.${n >> 8}.${n & 255}`]).flat()
  const line = ['acl', 'allow', '--principal', 'User:alice', '--operation', 'read', '--topic', 'orders', ...hosts]
  await s.data(line)
  assert.equal((await s.as('admin', 'acl remove --principal User:alice --yes')).words, 'Removed 1500 ACLs.\n')
  assert.deepEqual(await rules(s), [])
})

test('a topic or user that is not there may come yet, and is told', async () => {
  await using s = await guardedScene()
  await s.data('topic create orders')
  assert.equal(
    await words(s, 'acl allow --principal User:alcie --operation read --topic oders'),
    `Allowed User:alcie READ on topic oders.
There is no topic oders yet, or none that you may see.
No user alcie has a password for SCRAM here: right if it logs in by another way, as a certificate or a token.
`,
  )
  for (const [principal, topic] of [
    ['User:alice', 'ord --prefixed'],
    ['User:*', '*'],
    ['User:ANONYMOUS', 'orders'],
    ['User:CN=billing,O=Example', 'orders'],
  ])
    assert.equal(
      (await words(s, `acl deny --principal ${principal} --operation write --topic ${topic}`)).split('\n').length,
      2,
    )
})

test('what could never count is refused', async () => {
  const alice = '--principal User:alice'
  for (const [line, sentence] of [
    [`allow --operation read --topic t`, /Say for whom: --principal User:alice/],
    [`allow ${alice} --operation read`, /Say on what: --topic T/],
    [`allow ${alice} --topic t`, /Say what: --operation read,describe/],
    [`allow --principal user:alice --operation read --topic t`, /write User:alice/],
    [`allow ${alice} --operation read --topic orders-*`, /write: --topic orders- --prefixed/],
    [`allow ${alice} --operation read --topic a/b`, /No topic can be called "a\/b"/],
    [`deny ${alice} --operation write --group g`, /There is no write on a group/],
    [`deny ${alice} --operation read --cluster`, /There is no read on a cluster/],
    [`allow ${alice} --operation read --cluster --prefixed`, /--prefixed goes with/],
    [`allow ${alice} --consumer --topic t`, /--consumer needs --group G/],
    [`allow ${alice} --producer --transactional-id x`, /--producer needs --topic T/],
    [`allow ${alice} --producer --topic t --group g`, /--group goes with --consumer/],
    [`allow ${alice} --consumer --topic t --group g --transactional-id x`, /--transactional-id goes with --producer/],
    [`allow ${alice} --producer --topic t --operation read`, /leave one out/],
    [`explain ${alice} --operation read,write --topic t`, /one operation at a time/],
    [`explain ${alice} --operation read --topic t --group g`, /one thing at a time/],
    [`explain ${alice} --operation read --topic *`, /Ask about one name/],
    [`explain ${alice} --operation read --topic t -o csv`, /has no rows/],
  ] as const)
    assertPlainFailure(await rivvenctl(`acl ${line}`.split(' ')), sentence, 2)
  for (const [line, sentence] of [
    ['allow --principal alice --operation read --topic t', /Write it with its type: User:alice\./],
    [`allow ${alice} --operation raed --topic t`, /"raed" is none: there are all, read, /],
    [`allow ${alice} --operation read --topic t --host 10.0.0.0/8`, /one address as brokers see it/],
    [`allow ${alice} --operation read --topic t --host app.example`, /one address as brokers see it/],
    [`remove ${alice} --permission maybe`, /allow or deny/],
  ] as const) {
    const ran = await rivvenctl(`acl ${line}`.split(' '))
    assert.deepEqual([ran.status, sentence.test(ran.words)], [2, true], ran.words)
  }
})

test('whoever may not change ACLs, or look at them, is told which right is missing', async () => {
  await using s = await guardedScene()
  const alice = '--principal User:alice'
  for (const line of ['list', `remove ${alice} --yes`, `explain ${alice} --operation read --topic t`])
    assertPlainFailure(await s.as('alice', `acl ${line}`), /DESCRIBE on the cluster/, 6)
  assertPlainFailure(await s.as('alice', `acl allow ${alice} --operation all --topic t`), /ALTER on the cluster/, 6)
})

test('a broker without an authorizer says so', async () => {
  await using s = await scene()
  assertPlainFailure(await s.run('acl list'), /SECURITY_DISABLED .*There is no authorizer/)
})

test('the rights of a deleted user are told of: the next one with that name would have them', async () => {
  await using s = await guardedScene()
  await s.data('acl allow --principal User:bob --operation read,write --topic orders')
  assert.match(
    await words(s, 'user delete bob'),
    /\n2 ACLs still name User:bob: `rivvenctl acl remove --principal User:bob` takes them away\.\n$/,
  )
})
