import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { eventually } from '../support/eventually.js'
import { passwordOf } from '../support/passwords.js'

type RunTestFiles = (
  lists: string[][],
  options: { root: string; print: (text: string) => void; silenceLimitMs?: number },
) => Promise<boolean>

const module = pathToFileURL(join(import.meta.dirname, '../../../scripts/test-files.mjs')).href
const { runTestFiles } = (await import(module)) as { runTestFiles: RunTestFiles }

const root = mkdtempSync(join(tmpdir(), 'rivven-test-files-'))
after(() => rm(root, { recursive: true, force: true }))

/** Runs a file with these lines in it, beside a good one. */
async function runBeside(lines: string[], options: { silenceLimitMs?: number } = {}) {
  const begin = "import { test } from 'node:test'"
  const files = { 'good.test.mjs': ["test('that is well', () => {})"], 'bad.test.mjs': lines }
  for (const [name, body] of Object.entries(files)) writeFileSync(join(root, name), [begin, ...body].join('\n'))
  const printed: string[] = []
  const paths = Object.keys(files).map((name) => [join(root, name)])
  const isGood = await runTestFiles(paths, { root, print: (text) => printed.push(text), ...options })
  return { isGood, printed, all: printed.join('\n') }
}

test('what each file says is printed when it ends, and counted together', async () => {
  const { isGood, printed, all } = await runBeside(["test('and that', { skip: true }, () => {})"])
  assert.equal(isGood, true)
  assert.equal(printed.length, 3)
  assert.match(all, /▶ good\.test\.mjs[\s\S]*✔ that is well/)
  assert.match(all, /ℹ tests 2\nℹ pass 1\nℹ fail 0\nℹ cancelled 0\nℹ skipped 1\n/)
})

test('files that share a process are printed, counted and named together', async () => {
  const paths = ['one.test.mjs', 'two.test.mjs'].map((name) => join(root, 'room', name))
  mkdirSync(join(root, 'room'))
  for (const path of paths) writeFileSync(path, `import { test } from 'node:test'\ntest('of ' + process.pid, () => {})`)
  const printed: string[] = []
  const isGood = await runTestFiles([paths], { root, print: (text) => printed.push(text) })
  const [told = '', counted] = printed
  assert.equal(isGood, true)
  assert.match(told, /^▶ room \(2 files\)[\s\S]*✔ of (\d+) [\s\S]*✔ of \1 /)
  assert.match(counted ?? '', /ℹ tests 2\nℹ pass 2\n/)
})

test('a test that fails, and a file that ends badly after its tests, fail the run and are named', async () => {
  const failing = await runBeside(["test('never', () => { throw new Error('no luck') })"])
  assert.equal(failing.isGood, false)
  assert.match(failing.all, /no luck[\s\S]*ℹ pass 1\nℹ fail 1\n[\s\S]*files that failed:\n✖ bad\.test\.mjs$/)
  const ending = await runBeside(["test('first', () => {})", "process.on('exit', () => { process.exitCode = 3 })"])
  assert.equal(ending.isGood, false)
  assert.match(ending.all, /✖ bad\.test\.mjs ended with status 3/)
})

test('a file that prints a password, or whose process does, is named with the line, and fails the run', async () => {
  const password = passwordOf('alice')
  const speaks = `console.error(${JSON.stringify(`{"sasl":{"password":"${password}"}}`)})`
  const { isGood, all } = await runBeside([
    "import { spawnSync } from 'node:child_process'",
    "test('passes', () => {})",
    `spawnSync(process.execPath, ['-e', ${JSON.stringify(speaks)}], { stdio: 'inherit' })`,
  ])
  assert.equal(isGood, false)
  assert.ok(!all.includes(password))
  assert.match(all, /\{"sasl":\{"password":"\[password\]"\}\}/)
  assert.match(all, /✖ bad\.test\.mjs printed a password of a test, in its lines \d+\.\n/)
  assert.match(all, /files that failed:\n✖ bad\.test\.mjs$/)
})

test('a file that hangs is killed with what it started, named, and fails the run', async () => {
  const pidFile = join(root, 'pid')
  const { isGood, all } = await runBeside(
    [
      "import { spawn } from 'node:child_process'",
      "import { writeFileSync } from 'node:fs'",
      "const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])",
      `writeFileSync(${JSON.stringify(pidFile)}, String(child.pid))`,
      "test('passes', () => {})",
    ],
    { silenceLimitMs: 3_000 },
  )
  assert.equal(isGood, false)
  assert.match(all, /✖ bad\.test\.mjs hangs: [\s\S]*ℹ fail 1\n[\s\S]*files that failed:\n(.*\n)?✖ bad\.test\.mjs/)
  if (!existsSync(pidFile)) return
  const pid = Number(readFileSync(pidFile, 'utf8'))
  await eventually(() => assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' }))
})
