import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { allMutants } from '../src/mutants/all-mutants.js'

const packages = join(import.meta.dirname, '../../..')

test('each mutant fits the code it changes, exactly once', () => {
  for (const mutant of allMutants) {
    for (const { file, find, replace } of mutant.also ? [mutant, mutant.also] : [mutant]) {
      const parts = readFileSync(join(packages, file), 'utf8').split(find)
      assert.equal(parts.length, 2, `"${mutant.name}" fits ${parts.length - 1} times in ${file}`)
      assert.notEqual(find, replace)
    }
  }
})

test('no two mutants have one name', () => {
  assert.equal(new Set(allMutants.map(({ name }) => name)).size, allMutants.length)
})
