import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '@rivven/config'
import { type Hashing, nodeRuntime } from '@rivven/runtime'
import { AloneDocuments } from '../../src/cluster/alone/alone-documents.js'
import { memoryStorage } from '../../src/open-storage.js'
import { setPassword } from '../../src/security/users/new-password.js'
import { PasswordChecks } from '../../src/security/users/password-checks.js'
import { UserStore } from '../../src/security/users/user-store.js'

const { clock, random, hashing } = nodeRuntime()

async function change(users: UserStore, name: string, text: string): Promise<void> {
  const password = new Secret(text)
  await setPassword(users, { name, password, mechanisms: ['SCRAM-SHA-256'], iterations: 4096 }, { random, hashing })
}

/** Checks of one user, alice with the password `secret`; what is derived is counted, and may be held back. */
async function checksUnderTest() {
  const users = await UserStore.open({ documents: new AloneDocuments(memoryStorage({ clock })), clock, random })
  await change(users, 'alice', 'secret')
  const work = { count: 0, iterations: 0, held: [] as (() => void)[], isHeld: false }
  const pbkdf2: Hashing['pbkdf2'] = async (digest, password, salt, iterations) => {
    work.count++
    work.iterations = iterations
    if (work.isHeld) await new Promise<void>((resolve) => work.held.push(resolve))
    // A guess is wrong, whatever it costs.
    return String(password).startsWith('guess') ? Buffer.alloc(32) : hashing.pbkdf2(digest, password, salt, iterations)
  }
  return { users, work, checks: new PasswordChecks({ users, random, hashing: { pbkdf2 } }) }
}

test('a password that was right is remembered, until it is changed', async () => {
  const { users, work, checks } = await checksUnderTest()
  assert.equal(await checks.isRight('alice', 'secret'), true)
  assert.equal(checks.isRight('alice', 'secret'), true, 'at once')
  assert.equal(work.count, 1)
  await change(users, 'alice', 'other')
  assert.equal(await checks.isRight('alice', 'secret'), false)
  assert.equal(await checks.isRight('alice', 'other'), true)
  await users.alter({ deletions: [{ name: 'alice', mechanism: 'SCRAM-SHA-256' }], upsertions: [] })
  assert.equal(await checks.isRight('alice', 'other'), false)
})

test('a wrong password is never remembered, and costs the same for a user that does not exist', async () => {
  const { work, checks } = await checksUnderTest()
  for (const user of ['alice', 'eve']) {
    for (let time = 1; time <= 2; time++) {
      assert.equal(await checks.isRight(user, 'guess'), false)
      assert.equal(work.iterations, 4096)
    }
  }
  assert.equal(work.count, 4)
})

test('two passwords are checked at once; 1,000 wait, and the rest fail without being checked', async () => {
  const { work, checks } = await checksUnderTest()
  work.isHeld = true
  const waiting = Array.from({ length: 1002 }, (_, at) => checks.isRight('alice', at === 0 ? 'secret' : `guess ${at}`))
  assert.equal(work.count, 2)
  assert.equal(checks.isRight('alice', 'secret'), false)
  work.isHeld = false
  for (const release of work.held) release()
  const results = await Promise.all(waiting)
  assert.deepEqual([results[0], results.filter(Boolean).length], [true, 1])
  assert.equal(work.count, 1002)
  assert.equal(await checks.isRight('alice', 'guess'), false, 'there is room again')
})

test('clients that all come at once with one password cost one check', async () => {
  const { work, checks } = await checksUnderTest()
  const results = await Promise.all(Array.from({ length: 500 }, () => checks.isRight('alice', 'secret')))
  assert.ok(results.every(Boolean))
  assert.ok(work.count <= 2)
})
