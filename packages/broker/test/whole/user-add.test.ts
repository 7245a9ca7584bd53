import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ended, ready, rivvendIn } from './rivvend-process.js'

const folder = mkdtempSync(join(tmpdir(), 'rivvend-user-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const rivvend = rivvendIn(folder)

test('users are added to the folder of a broker that is not running, in files that nobody else may read', async () => {
  writeFileSync(join(folder, 'password'), 'pass word\n')
  const added = rivvend('user', 'add', 'alice', '--password-file', 'password', '--data-dir', 'data')
  assert.deepEqual(await ended(added), { status: 0, said: '' })
  assert.equal(added.stdout(), 'Added the user alice to data, for SCRAM-SHA-512 and SCRAM-SHA-256.\n')
  const documents = join(folder, 'data/documents')
  assert.deepEqual(readdirSync(documents).sort(), ['users', 'users.copy'])
  const modes = readdirSync(documents).map((name) => statSync(join(documents, name)).mode & 0o777)
  if (process.platform !== 'win32') assert.deepEqual(modes, [0o600, 0o600])

  const broker = rivvend('--data-dir', 'data', '--listen', '127.0.0.1:0', '--http', 'off')
  await ready(broker)
  const another = rivvend('user', 'add', 'bob', '--password-file', '-', '--data-dir', 'data')
  another.process.stdin.end('secret')
  const { status, said } = await ended(another)
  assert.equal(status, 1)
  assert.match(said, /^The data folder data is in use by process \d+ .*\n$/)
  broker.process.kill()
  assert.deepEqual(await ended(broker), { status: 0, said: '' })
})
