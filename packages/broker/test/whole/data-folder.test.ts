import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { lockDataFolder } from '../../src/data-folder.js'

const root = mkdtempSync(join(tmpdir(), 'rivven-lock-'))
after(() => rmSync(root, { recursive: true, force: true }))

const worker = join(import.meta.dirname, 'lock-contender.js')
let folders = 0

function newFolder(): string {
  const folder = join(root, `data-${folders++}`)
  mkdirSync(folder)
  return folder
}

interface Contender {
  say(word: 'lock' | 'release'): Promise<string>
  kill(): Promise<void>
}

function contender(folder: string, before: readonly string[] = [], as: { uid?: number; gid?: number } = {}): Contender {
  const [command = '', ...words] = [...before, process.execPath, worker, folder]
  const child: ChildProcess = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'], ...as })
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const gone = once(child, 'exit')
  after(() => child.kill('SIGKILL'))
  return {
    async say(word) {
      child.stdin!.write(`${word}\n`)
      return (await lines.next()).value
    },
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}

const isRefusal = (answer: string): boolean => / is in use by (process \d+ of host \S+|another process): /.test(answer)

test('of four processes that want a folder at once, exactly one gets it, in every round', async () => {
  const folder = newFolder()
  const contenders = Array.from({ length: 4 }, () => contender(folder))
  for (let round = 0; round < 100; round++) {
    const answers = await Promise.all(contenders.map((each) => each.say('lock')))
    const holders = contenders.filter((_, at) => answers[at] === 'held')
    assert.equal(holders.length, 1, `round ${round}: ${answers.join(' | ')}`)
    assert.equal(answers.filter(isRefusal).length, 3, `round ${round}: ${answers.join(' | ')}`)
    assert.equal(await holders[0]!.say('release'), 'released')
  }
})

test('a lock ends with its holder, however that ends, and whatever it left in the file', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'lock'), '1 of-an-older-version\n')
  const [first, second] = [contender(folder), contender(folder)]
  assert.equal(await first.say('lock'), 'held')
  assert.match(readFileSync(join(folder, 'lock'), 'utf8'), /^process \d+ of host \S+\n$/)
  assert.ok(isRefusal(await second.say('lock')))
  await first.kill()
  assert.equal(await second.say('lock'), 'held')
})

const inOwnNamespace = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']
const hasNamespaces = spawnSync(inOwnNamespace[0]!, [...inOwnNamespace.slice(1), 'true']).status === 0

test('a folder that two containers share belongs to one of them, although each knows only its own processes', {
  skip: !hasNamespaces && 'needs unshare(1) and the right to make PID namespaces',
}, async () => {
  const folder = newFolder()
  const [first, second] = [contender(folder, inOwnNamespace), contender(folder, inOwnNamespace)]
  assert.equal(await first.say('lock'), 'held')
  assert.ok(isRefusal(await second.say('lock')))
  await first.kill()
  // What was killed is unshare(1), which takes the holder with it.
  while ((await second.say('lock')) !== 'held') await nextTurn()
})

test('a holder in the same process counts like any other', () => {
  const folder = newFolder()
  const lock = lockDataFolder(folder)
  assert.throws(() => lockDataFolder(folder), {
    name: 'FolderLockError',
    message: / is in use by process \d+ of host /,
  })
  lock.release()
  lockDataFolder(folder).release()
})

test('a lock that cannot be taken says why', () => {
  const folder = newFolder()
  mkdirSync(join(folder, 'lock'))
  assert.throws(() => lockDataFolder(folder), {
    name: 'FolderLockError',
    message: /^The data folder \S+ cannot be locked: \S+lock is a folder; remove it\.$/,
  })
})

test('where nothing can lock files, a sentence says so and what to do', () => {
  const nothing = () => {
    throw new Error('Cannot find addon\nCandidates: none')
  }
  assert.throws(() => lockDataFolder(newFolder(), nothing), {
    name: 'FolderLockError',
    message: /nothing here can lock files \(Cannot find addon\)\. Set data_dir_lock to false if/,
  })
  const without = () => () => {
    throw Object.assign(new Error('no locks available'), { code: 'ENOLCK' })
  }
  assert.throws(() => lockDataFolder(newFolder(), without), {
    name: 'FolderLockError',
    message: /its file system has no locks \(ENOLCK\)\.$/,
  })
})

// Root may write everything: another user is needed to be refused.
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const canBeNobody = spawnSync('test', ['-r', worker], nobody).status === 0

test('somebody else’s file, and a folder that may not be written, end the start with a sentence', {
  skip: !canBeNobody && 'needs a user who is not root, and may read this code',
}, async () => {
  const [foreign, readOnly] = [newFolder(), newFolder()]
  writeFileSync(join(foreign, 'lock'), '', { mode: 0o444 })
  chmodSync(readOnly, 0o555)
  if (nobody.uid !== undefined) {
    chmodSync(root, 0o755)
    chownSync(foreign, nobody.uid, nobody.gid)
  }
  for (const folder of [foreign, readOnly]) {
    assert.match(await contender(folder, [], nobody).say('lock'), /^The data folder \S+ cannot be locked: .*\(EACCES\)/)
  }
})
