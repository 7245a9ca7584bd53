import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { nodeRuntime } from '@rivven/runtime'
import { AloneDocuments } from '../../src/cluster/alone/alone-documents.js'
import { addUser } from '../../src/commands/add-user.js'
import { readCommandLine } from '../../src/commands/command-line.js'
import { readConfig } from '../../src/commands/flags.js'
import { fileStorage } from '../../src/open-storage.js'
import { PasswordChecks } from '../../src/security/users/password-checks.js'
import { UserStore } from '../../src/security/users/user-store.js'

const folder = mkdtempSync(join(tmpdir(), 'rivven-add-user-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const runtime = nodeRuntime()
const file = (name: string) => join(folder, name)
writeFileSync(file('password'), 'pass word\n')
writeFileSync(file('rivven.yaml'), '')

/** `rivvend user add`, with these words. */
async function userAdd(words: string[], stdin = ''): Promise<string> {
  const flags = ['--config', file('rivven.yaml'), '--data-dir', file('data')]
  const asked = readCommandLine(['node', 'rivvend', 'user', 'add', ...words, ...flags])
  assert.ok(asked.kind === 'add user')
  const config = await readConfig(asked.flags, runtime.disk)
  return addUser(asked.user, { config, runtime, readStdin: async () => Buffer.from(stdin) })
}

/** What a broker on the folder would say to that password. */
async function isRight(user: string, password: string): Promise<boolean> {
  const storage = await fileStorage(file('data'), runtime)
  const users = await UserStore.open({ ...runtime, documents: new AloneDocuments(storage) })
  const isRight = await new PasswordChecks({ ...runtime, users }).isRight(user, password)
  await storage.close()
  return isRight
}

test('a user has the password of the file, without its line end', async () => {
  const said = await userAdd(['alice', '--password-file', file('password')])
  assert.equal(said, `Added the user alice to ${file('data')}, for SCRAM-SHA-512 and SCRAM-SHA-256.`)
  assert.equal(await isRight('alice', 'pass word'), true)
  assert.equal(await isRight('alice', 'pass word\n'), false)
})

test('a user that is there gets another password, from stdin', async () => {
  await userAdd(['bob', '--password-file', file('password')])
  const words = ['bob', '--password-file', '-', '--mechanism', 'scram-sha-512', '--iterations', '4096']
  assert.equal(await userAdd(words, 'another'), `Set the password of bob in ${file('data')}, for SCRAM-SHA-512.`)
  assert.equal(await isRight('bob', 'another'), true)
})

const files: [name: string, content: string | Buffer][] = [
  ['empty', '\n'],
  ['lines', 'one\ntwo\n'],
  ['latin1', Buffer.from([0xe4])],
]
for (const [name, content] of files) writeFileSync(file(name), content)

const mistakes: [words: string, sentence: RegExp][] = [
  ['eve', /^required option '--password-file <file>' not specified\. Try rivvend --help\.$/],
  ['eve --password-file password --password x', /^unknown option '--password'/],
  ['eve --password-file nowhere', /^The password file nowhere cannot be read: it is not there\.$/],
  ['eve --password-file empty', /^There is no password in empty\.$/],
  ['eve --password-file lines', /^The password in lines has more than one line\.$/],
  ['eve --password-file latin1', /^The password in latin1 is not UTF-8\.$/],
  ['* --password-file password', /^The user '\*' cannot be made\. .* the name \* means everybody\.$/],
  ['eve --password-file password --iterations 10', /there must be 4096 to 16384 iterations\.$/],
  ['eve --password-file password --iterations many', /^--iterations is 'many': /],
  ['eve --password-file password --mechanism plain', /^There is no mechanism plain: use SCRAM-SHA-512 or /],
  ['eve --password-file password --memory', /^A broker in memory keeps no users: /],
]
for (const [words, sentence] of mistakes) {
  test(`rivvend user add ${words}: one sentence says what is wrong`, async () => {
    const inFolder = words.split(' ').map((word, at, all) => (all[at - 1] === '--password-file' ? file(word) : word))
    await assert.rejects(userAdd(inFolder), ({ name, message }: Error) => {
      assert.equal(name, 'ConfigError')
      assert.match(message.replaceAll(`${folder}/`, ''), sentence)
      assert.ok(!message.includes('\n'))
      return true
    })
  })
}
