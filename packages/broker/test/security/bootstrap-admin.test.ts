import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeRuntime, type Runtime } from '@rivven/runtime'
import { AloneDocuments } from '../../src/cluster/alone/alone-documents.js'
import { openLog } from '../../src/log-output.js'
import { memoryStorage } from '../../src/open-storage.js'
import { makeBootstrapAdmin } from '../../src/security/users/bootstrap-admin.js'
import { UserStore } from '../../src/security/users/user-store.js'

const node = nodeRuntime()

/** Starts twice, or as often as there are passwords in the file. */
async function starts(name: string, passwordFile: string, ...passwords: string[]) {
  const lines: string[] = []
  const log = openLog('info', { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) })
  const storage = memoryStorage(node)
  const found: string[] = []
  for (const password of passwords) {
    const readFile = async () => Buffer.from(`${password}\n`)
    const runtime: Runtime = { ...node, disk: { ...node.disk, readFile } }
    const users = await UserStore.open({ ...runtime, documents: new AloneDocuments(storage) })
    await makeBootstrapAdmin(users, { name, passwordFile }, { runtime, log })
    const { credential, isKnown } = users.credentialOf(name, 'SCRAM-SHA-256')
    if (isKnown) found.push(credential.storedKey.toString('hex'))
  }
  return { found, lines }
}

test('the first start makes the administrator, and later ones leave it alone', async () => {
  const { found, lines } = await starts('admin', '/run/secrets/admin', 'first', 'second')
  assert.equal(found.length, 2)
  assert.equal(found[0], found[1])
  assert.deepEqual(lines, [
    'made the first user, as bootstrap_admin says',
    'there are users: bootstrap_admin makes none, it is a super user as long as it is set',
  ])
})

test('an administrator without a password, or with an impossible name, ends the start', async () => {
  await assert.rejects(starts('admin', '', 'first'), {
    name: 'ConfigError',
    message: /^bootstrap_admin is admin, and there are no users yet: set bootstrap_admin_password_file/,
  })
  await assert.rejects(starts('admin', '/empty', ''), {
    name: 'ConfigError',
    message: 'There is no password in /empty.',
  })
  await assert.rejects(starts('*', '/file', 'first'), { name: 'ConfigError', message: /cannot be made/ })
})
