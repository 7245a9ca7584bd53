import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'

const module = pathToFileURL(join(import.meta.dirname, '../../../scripts/test-lists.mjs')).href
const { listsOf } = (await import(module)) as { listsOf: (files: string[]) => string[][] }

const root = mkdtempSync(join(tmpdir(), 'rivven-test-lists-'))
after(() => rm(root, { recursive: true, force: true }))

function written(path: string, text = "test('adds', () => {})"): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

test('files of one folder of a package share a process, twelve at most', () => {
  const ofLog = Array.from({ length: 13 }, (_, number) => written(`packages/broker/dist/test/log/${number}.test.js`))
  const ofLag = written('packages/broker/dist/test/lag/a.test.js')
  assert.deepEqual(listsOf([...ofLog, ofLag]), [ofLog.slice(0, 12), ofLog.slice(12), [ofLag]])
})

for (const [what, text] of [
  ['has hooks for all tests of its process', 'before(() => start())'],
  ['changes the environment', "process.env.PATH = ''"],
  ['sets the clocks', 'mock.timers.enable()'],
] as const)
  test(`a file that ${what}, or whose helper does, is alone`, () => {
    const folder = 'packages/client/dist/test/a'
    written(`${folder}/helper.js`, text)
    const helped = written(`${folder}/helped.test.js`, "import { help } from './helper.js'")
    const itself = written(`${folder}/itself.test.js`, text)
    const others = ['x', 'y'].map((name) => written(`${folder}/${name}.test.js`))
    assert.deepEqual(listsOf([helped, ...others, itself]), [[helped], others, [itself]])
  })

test('what tests the whole system, and what simulates it, is alone', () => {
  const files = ['test/dist/e2e', 'packages/broker/dist/test/whole', 'packages/simulation/dist/test'].flatMap(
    (folder) => ['a', 'b'].map((name) => written(`${folder}/${name}.test.js`)),
  )
  assert.deepEqual(
    listsOf(files),
    files.map((file) => [file]),
  )
})
