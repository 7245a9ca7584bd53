import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { passwordOf } from '../support/passwords.js'
import { assertPlainFailure, cells, scene } from './cli-scene.js'
import { guardedScene, loginOf } from './guarded-scene.js'

/** Whether a user can log in. */
async function isKnown(s: Awaited<ReturnType<typeof guardedScene>>, user: string, password: string, mechanism: string) {
  const env = { ...loginOf(user, password), RIVVEN_SASL_MECHANISM: mechanism }
  return (await s.as(user, 'topic list', { env })).status === 0
}

test('a user that was added can log in by both mechanisms, until it is deleted', async () => {
  await using s = await guardedScene()
  const added = await s.as('admin', 'user add carol --password-file -', { lines: ['pencil'] })
  assert.deepEqual(
    [added.status, added.out, added.words],
    [0, '', 'Added user carol, for scram-sha-256 and scram-sha-512.\n'],
  )
  assert.deepEqual(cells(await s.data('user list')), [
    ['admin', 'scram-sha-256', '4096'],
    ['alice', 'scram-sha-256', '4096'],
    ['bob', 'scram-sha-256', '4096'],
    ['carol', 'scram-sha-256', '8192'],
    ['carol', 'scram-sha-512', '8192'],
  ])
  for (const mechanism of ['scram-sha-256', 'scram-sha-512']) {
    assert.ok(await isKnown(s, 'carol', 'pencil', mechanism))
    assert.ok(!(await isKnown(s, 'carol', 'guessed', mechanism)))
  }
  const deleted = await s.as('admin', 'user delete carol')
  assert.deepEqual([deleted.status, deleted.out], [0, ''])
  assert.match(deleted.words, /^Deleted user carol\. Who is logged in as carol stays so .*\n$/)
  for (const mechanism of ['scram-sha-256', 'scram-sha-512'])
    assert.ok(!(await isKnown(s, 'carol', 'pencil', mechanism)))
})

test('users are shown to programs as well', async () => {
  await using s = await guardedScene()
  const [first] = JSON.parse(await s.data('user list -o json')) as unknown[]
  assert.deepEqual(first, { user: 'admin', mechanism: 'scram-sha-256', iterations: 4096 })
  assert.match(await s.data('user list -o csv'), /^user,mechanism,iterations\nadmin,scram-sha-256,4096\n/)
})

test('a new password counts for all mechanisms of a user, and the old one no more', async () => {
  await using s = await guardedScene()
  await s.data('user add carol --password-file - --iterations 4096', { lines: ['pencil'] })
  const changed = await s.as('admin', 'user passwd carol --password-file -', { lines: ['brush'] })
  assert.match(changed.words, /^Changed the password of carol, for scram-sha-256 and scram-sha-512\./)
  for (const mechanism of ['scram-sha-256', 'scram-sha-512']) {
    assert.ok(await isKnown(s, 'carol', 'brush', mechanism))
    assert.ok(!(await isKnown(s, 'carol', 'pencil', mechanism)))
  }
  assert.match(await s.data('user list'), /carol +scram-sha-512 +4096/)
})

test('one mechanism of a user is added and taken away alone', async () => {
  await using s = await guardedScene()
  await s.data('user add alice --mechanism SCRAM-SHA-512 --password-file -', { lines: ['other'] })
  assert.ok(await isKnown(s, 'alice', 'other', 'scram-sha-512'))
  assert.ok(await isKnown(s, 'alice', passwordOf('alice'), 'scram-sha-256'))
  const { words } = await s.as('admin', 'user delete alice --mechanism scram-sha-256')
  assert.match(words, /^User alice cannot log in by scram-sha-256 any more\./)
  assert.match(await s.data('user list'), /\nalice +scram-sha-512 .*\nbob/)
  assertPlainFailure(
    await s.as('admin', 'user delete alice --mechanism scram-sha-256'),
    /^rivvenctl: User alice has no password for scram-sha-256, only for scram-sha-512\.\n$/,
    4,
  )
})

test('a password is typed twice and never shown', async () => {
  await using s = await guardedScene()
  const typing = (...hidden: string[]) => s.as('admin', 'user add carol', { isInteractive: true, hidden })
  assert.match((await typing('pencil', 'pencli')).words, /The two are not the same: nothing was changed\.\n$/)
  assert.match((await typing('')).words, /No password was typed: nothing was changed\.\n$/)
  const added = await typing('pencil', 'pencil')
  assert.deepEqual(
    [added.status, added.words],
    [0, 'New password of carol: The same again: Added user carol, for scram-sha-256 and scram-sha-512.\n'],
  )
  assert.ok(await isKnown(s, 'carol', 'pencil', 'scram-sha-512'))
})

test('the password to log in with can be typed as well', async () => {
  await using s = await guardedScene()
  const ran = await s.as('admin', 'user list --sasl-password-file -', {
    env: { RIVVEN_SASL_PASSWORD: undefined },
    isInteractive: true,
    hidden: [passwordOf('admin')],
  })
  assert.deepEqual([ran.status, ran.words], [0, 'Password to log in with: '])
})

test('a password file holds one line of text, and a script says where it is', async () => {
  await using s = await guardedScene()
  const folder = await mkdtemp(join(tmpdir(), 'rivven-users-'))
  const from = async (name: string, content: string | Buffer) => {
    await writeFile(join(folder, name), content)
    return s.as('admin', ['user', 'add', 'carol', '--password-file', join(folder, name)])
  }
  assertPlainFailure(await from('empty', '\n'), /There is no password in .*empty/, 2)
  assertPlainFailure(await from('lines', 'a\nb\n'), /lines has more than one line/, 2)
  assertPlainFailure(await from('latin1', Buffer.from([0xe9])), /latin1 is not UTF-8/, 2)
  assertPlainFailure(await s.as('admin', 'user add carol --password-file /nowhere/at-all'), /cannot be read/, 2)
  assertPlainFailure(await s.as('admin', 'user add carol'), /--password-file FILE, or - for standard input/, 2)
  const both = 'user add carol --password-file - --sasl-password-file -'
  assertPlainFailure(
    await s.as('admin', both, {
      env: { RIVVEN_SASL_PASSWORD: undefined },
      lines: [passwordOf('admin')],
    }),
    /Only one password can come by standard input/,
    2,
  )
  assert.equal((await from('windows', 'pencil\r\n')).status, 0)
  assert.ok(await isKnown(s, 'carol', 'pencil', 'scram-sha-256'))
  await rm(folder, { recursive: true })
})

test('a user that is mistyped is told, and one that is there is not taken for a new one', async () => {
  await using s = await guardedScene()
  const pencil = { lines: ['pencil'] }
  assertPlainFailure(await s.as('admin', 'user passwd alcie --password-file -', pencil), /There is no user alcie\. /, 4)
  assertPlainFailure(await s.as('admin', 'user delete alcie'), /There is no user alcie\. `rivvenctl user list`/, 4)
  assertPlainFailure(
    await s.as('admin', 'user add alice --password-file -', pencil),
    /User alice is there already, for scram-sha-256\. `rivvenctl user passwd alice` changes the password\./,
  )
  assertPlainFailure(
    await s.as('admin', 'user add User:carol --password-file -', pencil),
    /Give the name alone, carol/,
    2,
  )
  assertPlainFailure(await s.as('admin', 'user add *'), /No user can be called \*/, 2)
  assert.equal((await s.as('admin', 'user add carol --mechanism plain')).status, 2)
  assert.equal((await s.as('admin', 'user add carol --iterations 1000')).status, 2)
  assert.equal((await s.as('admin', 'user add carol --password pencil')).status, 2)
  assert.equal(cells(await s.data('user list')).length, 3)
})

test('whoever may not look after users is told so', async () => {
  await using s = await guardedScene()
  for (const line of ['user list', 'user add carol --password-file -', 'user delete bob'])
    assertPlainFailure(await s.as('alice', line, { lines: ['pencil'] }), /DESCRIBE on the cluster/, 6)
})

test('users can be added before anybody has to log in', async () => {
  await using s = await scene()
  await s.data('user add alice --password-file -', { lines: ['pencil'] })
  assert.match((await s.run('user delete alice')).words, /^Deleted user alice\. [^\n]*\n$/)
})
