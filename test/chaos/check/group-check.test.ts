import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GroupCheck } from './group-check.js'
import { Violations } from './violations.js'

test('a group may handle records again, but leaves none out', () => {
  const violations = new Violations()
  const group = new GroupCheck('workers', violations)
  for (const offset of [0, 1, 2, 1, 2, 3]) group.handled(0, offset)
  assert.equal(violations.count, 0)
  group.handled(0, 5)
  assert.deepEqual(violations.sentences, ['workers got offset 5 of partition 0 where 4 was due'])
})

test('a committed offset that goes back is found', () => {
  const violations = new Violations()
  const group = new GroupCheck('workers', violations)
  for (const offset of [10, 10, 20]) group.committed(3, offset)
  group.committed(4, 5)
  assert.equal(violations.count, 0)
  group.committed(3, 19)
  assert.deepEqual(violations.sentences, ['workers: the committed offset of partition 3 went back from 20 to 19'])
})
