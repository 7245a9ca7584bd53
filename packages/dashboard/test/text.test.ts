import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes, catchUp, count, duration, millis, rate } from '../src/text/format.js'
import { shownName, visible } from '../src/text/visible.js'

test('numbers are written as one reads them', () => {
  const written: [string, string][] = [
    [count(18_211), '18,211'],
    [count(null), '–'],
    [duration(0), '0 s'],
    [duration(0.0004), '0.1 s'],
    [duration(9.96), '10 s'],
    [duration(41.2), '41 s'],
    [duration(59.7), '1 min'],
    [duration(7440), '2 h 4 min'],
    [duration(90_000), '1 d 1 h'],
    [millis(51), '51 ms'],
    [millis(1200), '1.2 s'],
    [bytes(0), '0 B'],
    [bytes(1023), '1023 B'],
    [bytes(4_300_000), '4.1 MiB'],
    [rate(0), '0/s'],
    [rate(0.333), '0.33/s'],
    [rate(1204), '1,204/s'],
    [catchUp(0, null), 'now'],
    [catchUp(247, null), 'about 4 min 10 s'],
    [catchUp(null, 'growing'), 'growing'],
    [catchUp(null, 'standing'), 'never'],
    [catchUp(null, null), '–'],
  ]
  for (const [is, shall] of written) assert.equal(is, shall)
})

test('what is not seen in a name is written out', () => {
  assert.equal(visible('a\u202eb\0\n\u200b'), 'a\\u202eb\\u0000\\u000a\\u200b')
  assert.equal(visible('\ud800 \u{e0001}'), '\\ud800 \\u{e0001}')
  assert.equal(visible('größe 名前'), 'größe 名前')
  assert.equal(shownName(''), '(empty name)')
})
