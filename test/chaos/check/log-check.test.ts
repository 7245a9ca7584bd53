import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogCheck } from './log-check.js'
import { Violations } from './violations.js'

/** A record of writer w in partition 0. */
const w = (n: number) => ({ writer: 'w', partition: 0, n })

/** What the check says when these were acknowledged, in this order, each at the offset of its number, and these read. */
function sentencesFor(acknowledged: readonly number[], read: readonly (readonly [n: number, offset: number])[]) {
  const violations = new Violations()
  const check = new LogCheck('orders', violations)
  for (const n of acknowledged) check.acknowledged(w(n), n)
  for (const [n, offset] of read) check.read(w(n), offset)
  check.end()
  return violations.sentences
}

test('all that was acknowledged and read once, in order and in its place, is well', () => {
  assert.deepEqual(
    sentencesFor(
      [0, 1, 2],
      [
        [0, 0],
        [1, 1],
        [2, 2],
      ],
    ),
    [],
  )
})

test('a record that was acknowledged and is not there is found, in the middle and at the end', () => {
  const middle = sentencesFor(
    [0, 1, 2],
    [
      [0, 0],
      [2, 1],
    ],
  )
  assert.deepEqual(middle, [
    'orders: w in partition 0 number 1 was acknowledged, and later ones of its writer are read without it',
    'orders: w in partition 0 number 2 was acknowledged at offset 2 and read at 1',
    'orders: w in partition 0 number 1 was acknowledged and is lost',
  ])
  assert.deepEqual(sentencesFor([0, 1], [[0, 0]]), ['orders: w in partition 0 number 1 was acknowledged and is lost'])
})

test('a record that is there twice is found, as is one that came after its successor', () => {
  const twice: [number, number][] = [
    [0, 0],
    [1, 1],
    [1, 2],
  ]
  assert.deepEqual(sentencesFor([0, 1], twice), [
    'orders: w in partition 0 number 1 came twice, the second time at offset 2',
  ])
  const swapped: [number, number][] = [
    [1, 0],
    [0, 1],
  ]
  assert.deepEqual(sentencesFor([], swapped), [
    'orders: w in partition 0 number 0 came after number 1 of its writer at offset 1',
  ])
})

test('offsets that are left out, or come again, are found; with transactions some may be left out', () => {
  const gap: [number, number][] = [
    [0, 0],
    [1, 2],
  ]
  assert.deepEqual(sentencesFor([], gap), ['orders: w in partition 0 number 1 came at offset 2 where 1 was due'])
  const violations = new Violations()
  const check = new LogCheck('copy', violations, { hasMarkers: true })
  for (const [n, offset] of gap) check.read(w(n), offset)
  assert.equal(violations.count, 0)
  check.read(w(2), 2)
  assert.equal(violations.count, 1)
})

test('nobody minds a record that was never acknowledged, be it there or not; told late counts as well', () => {
  const violations = new Violations()
  const check = new LogCheck('orders', violations)
  check.read(w(0), 0)
  check.read(w(2), 1)
  check.acknowledged(w(0), 0)
  check.end()
  assert.deepEqual(violations.sentences, [])
  check.acknowledged(w(1), 1)
  assert.match(violations.sentences[0]!, /number 1 was acknowledged, and later ones of its writer were read without it/)
})

test('two readings are alike only if the same records came at the same offsets', () => {
  const reading = (...records: [number, number][]) => {
    const check = new LogCheck('orders', new Violations())
    for (const [n, offset] of records) check.read(w(n), offset)
    return check.digest
  }
  assert.equal(reading([0, 0], [1, 1]), reading([0, 0], [1, 1]))
  assert.notEqual(reading([0, 0], [1, 1]), reading([0, 0]))
  assert.notEqual(reading([0, 0], [1, 1]), reading([0, 0], [2, 1]))
})

test('what retention removed before it was copied is no loss: once, where it was told, and counted', () => {
  const violations = new Violations()
  let now = 0
  const check = new LogCheck('copy', violations, { hasMarkers: true, retentionMs: 100, now: () => now })
  for (let n = 0; n < 8; n++) check.acknowledged(w(n), null)
  now = 100
  check.removed('w', 0)
  for (const n of [0, 1, 4]) check.read(w(n), n)
  assert.deepEqual([violations.sentences, check.removedCount, check.missing], [[], 2, 3])
  check.read(w(7), 7)
  assert.equal(violations.count, 2)
})

test('a record ages from when it was made, not from when it was acknowledged', () => {
  const violations = new Violations()
  let now = 0
  const check = new LogCheck('copy', violations, { hasMarkers: true, retentionMs: 10_000, now: () => now })
  now = 4_000
  for (let n = 0; n < 3; n++) check.acknowledged(w(n), null, 0)
  now = 10_000
  check.removed('w', 0)
  for (const n of [0, 2]) check.read(w(n), n)
  assert.deepEqual([violations.sentences, check.removedCount], [[], 1])
})

test('what is removed before its retention is found', () => {
  const violations = new Violations()
  let now = 0
  const check = new LogCheck('copy', violations, { hasMarkers: true, retentionMs: 10_000, now: () => now })
  for (let n = 0; n < 3; n++) check.acknowledged(w(n), null)
  now = 9_900
  check.removed('w', 0)
  for (const n of [0, 2]) check.read(w(n), n)
  assert.deepEqual(violations.sentences, [
    'copy: w in partition 0 number 1 was removed when it was 9.9 s old, before its retention',
  ])
})
