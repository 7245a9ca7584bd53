import assert from 'node:assert/strict'
import { pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import { inspect } from 'node:util'
import {
  AlterUserScramCredentials,
  type AlterUserScramCredentialsRequest,
  DescribeUserScramCredentials,
  ErrorCode,
} from '@rivven/protocol'
import type { RivvenError, UserChange } from '../../src/index.js'
import { adminScene } from './admin-scene.js'

test('a broker gets what SCRAM keeps of a password, never the password', async () => {
  const { clock, tiny, admin } = adminScene()
  tiny.scripts.set(AlterUserScramCredentials, () => ({
    results: [{ user: 'alice' }, { user: 'bob' }, { user: 'carol' }],
  }))
  const changes: UserChange[] = [
    { user: 'alice', mechanism: 'scram-sha-512', password: 'accents-sécret-secret' },
    { user: 'bob', mechanism: 'scram-sha-256', password: 'other-secret', iterations: 4096 },
    { user: 'carol', mechanism: 'scram-sha-256', delete: true },
  ]
  await clock.until(admin.alterUsers(changes))
  const { deletions, upsertions } = tiny.requestsOf(AlterUserScramCredentials)[0]!
    .request as AlterUserScramCredentialsRequest
  assert.deepEqual(deletions, [{ name: 'carol', mechanism: 1 }])
  const [alice, bob] = upsertions
  assert.deepEqual([alice?.name, alice?.mechanism, alice?.iterations], ['alice', 2, 8192])
  assert.deepEqual([bob?.name, bob?.mechanism, bob?.iterations], ['bob', 1, 4096])
  assert.equal(alice?.salt.length, 16)
  assert.notDeepEqual(alice?.salt, bob?.salt)
  assert.deepEqual(alice?.saltedPassword, pbkdf2Sync('accents-sécret-secret', alice!.salt, 8192, 64, 'sha512'))
  assert.deepEqual(bob?.saltedPassword, pbkdf2Sync('other-secret', bob!.salt, 4096, 32, 'sha256'))
})

test('a user that cannot be changed is told by name', async () => {
  const { clock, tiny, admin } = adminScene()
  const results = [{ user: 'alice' }, { user: 'bob', errorCode: ErrorCode.RESOURCE_NOT_FOUND, errorMessage: 'no such' }]
  tiny.scripts.set(AlterUserScramCredentials, () => ({ results }))
  const changes = ['alice', 'bob'].map((user): UserChange => ({ user, mechanism: 'scram-sha-256', delete: true }))
  await assert.rejects(clock.until(admin.alterUsers(changes)), (error: RivvenError) => {
    assert.equal(error.code, 'RESOURCE_NOT_FOUND')
    assert.equal(error.facts.user, 'bob')
    return true
  })
})

test('users are described with how they may log in', async () => {
  const { clock, tiny, admin } = adminScene()
  const credentialInfos = [
    { mechanism: 1, iterations: 4096 },
    { mechanism: 2, iterations: 8192 },
  ]
  tiny.scripts.set(DescribeUserScramCredentials, () => ({ results: [{ user: 'alice', credentialInfos }] }))
  const described = await clock.until(admin.describeUsers())
  assert.deepEqual(described, [
    {
      user: 'alice',
      credentials: [
        { mechanism: 'scram-sha-256', iterations: 4096 },
        { mechanism: 'scram-sha-512', iterations: 8192 },
      ],
    },
  ])
  await clock.until(admin.describeUsers(['alice']))
  // On the wire no name means all.
  assert.deepEqual(await clock.until(admin.describeUsers([])), [])
  const asked = tiny.requestsOf(DescribeUserScramCredentials).map(({ request }) => request)
  assert.deepEqual(asked, [{ users: [] }, { users: [{ name: 'alice' }] }])
})

test('what makes no sense is refused without showing a password', async () => {
  const { admin } = adminScene()
  const alice = { user: 'alice', mechanism: 'scram-sha-256', password: 'not-shown-secret' }
  const wrongs = [
    { mechanism: 'plain' },
    { iterations: 4095 },
    { iterations: 16_385 },
    { user: '' },
    { password: 98765 },
  ]
  for (const wrong of [...wrongs, { delete: true }]) {
    await assert.rejects(admin.alterUsers([{ ...alice, ...wrong } as UserChange]), (error: RivvenError) => {
      assert.equal(error.code, 'INVALID_ARGUMENT')
      assert.doesNotMatch(inspect(error), /not-shown-secret|98765/)
      return true
    })
  }
})
