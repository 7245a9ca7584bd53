import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byNeed, evidenceText, summary } from '../src/finding/finding-text.js'

test('facts are told in units that are read', () => {
  assert.equal(evidenceText({ text: 'oldest record waits', value: 724, unit: 's' }), 'oldest record waits 12 min 4 s')
  assert.equal(evidenceText({ text: 'since', value: 0, unit: 'time' }), 'since 1970-01-01 00:00:00.000 UTC')
  assert.equal(evidenceText({ text: 'free', value: 2048, unit: 'bytes' }), 'free 2.0 KiB')
  assert.equal(evidenceText({ text: 'lost', value: 1, unit: 'records' }), 'lost 1 record')
  assert.equal(evidenceText({ text: 'in', value: 12, unit: 'records/s' }), 'in 12/s')
  assert.equal(evidenceText({ text: 'share', value: 90, unit: '%' }), 'share 90 %')
  assert.equal(evidenceText({ text: 'member', value: 'a\u202eb', unit: null }), 'member a\\u202eb')
})

test('findings are counted by how bad they are', () => {
  assert.equal(summary([]), 'Nothing found')
  const severities = ['warning', 'critical', 'info', 'warning'] as const
  assert.equal(summary(severities.map((severity) => ({ severity }))), '1 critical, 2 warnings, 1 note')
})

test('checks that were not made stand by what they need', () => {
  const list = [
    { check: 'a', needs: 'Rivven' },
    { check: 'b', needs: 'telemetry' },
    { check: 'c', needs: 'Rivven' },
  ]
  assert.deepEqual(
    [...byNeed(list)],
    [
      ['Rivven', ['a', 'c']],
      ['telemetry', ['b']],
    ],
  )
})
