import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'

type NeedsDatabase = (files: string[]) => boolean

const module = pathToFileURL(join(import.meta.dirname, '../../../scripts/test-database.mjs')).href
const { needsDatabase } = (await import(module)) as { needsDatabase: NeedsDatabase }

const root = mkdtempSync(join(tmpdir(), 'rivven-test-database-'))
after(() => rm(root, { recursive: true, force: true }))

function write(name: string, text: string): string {
  const path = join(root, name)
  writeFileSync(path, text)
  return path
}

test('a database is there for runs in which a file, or what it imports, reads its variable', () => {
  const plain = write('plain.test.js', "import { test } from 'node:test'\nimport { one } from './one.js'\n")
  write('one.js', "import { two } from './two.js'\nexport const one = two\n")
  write('two.js', "import { one } from './one.js'\nexport const two = 2\n")
  assert.equal(needsDatabase([plain]), false)
  const asking = write('asking.test.js', "export { one } from './one.js'\nimport {\n  three,\n} from './three.js'\n")
  write('three.js', 'export const three = process.env.RIVVEN_TEST_DATABASE\n')
  assert.equal(needsDatabase([plain, asking]), true)
})
