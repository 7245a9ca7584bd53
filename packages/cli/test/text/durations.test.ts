import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration, durationText, moment, momentOrAgo } from '../../src/text/durations.js'

test('durations are written short or as ISO 8601', () => {
  const known = { '90s': 90_000, '1h30m': 5_400_000, '2d': 172_800_000, '250ms': 250, '1.5h': 5_400_000 }
  const iso = { PT1H: 3_600_000, P2DT12H: 216_000_000, 'PT0.5S': 500, P1W: 604_800_000, pt10m: 600_000 }
  for (const [word, ms] of Object.entries({ ...known, ...iso })) assert.equal(duration(word), ms, word)
  for (const word of ['', '5', 'h', '1 h', 'P', 'PT', '1x', '-1h', 'P1Y', '1s'.repeat(7)])
    assert.throws(() => duration(word), word)
})

test('times are ISO 8601, in UTC where they name no zone', () => {
  const at = Date.UTC(2026, 0, 31, 18, 0, 0)
  for (const word of [
    '2026-01-31T18:00:00Z',
    '2026-01-31T18:00',
    '2026-01-31 20:00:00+02:00',
    '2026-01-31T18:00:00.000',
  ])
    assert.equal(moment(word), at, word)
  assert.equal(moment('2026-01-31'), Date.UTC(2026, 0, 31))
  assert.equal(moment('2024-02-29T01:00:00+14:00'), Date.UTC(2024, 1, 28, 11))
  for (const word of [
    'now',
    '18:00',
    '2026-13-01',
    '31.1.2026',
    '2026-01-31T25:00Z',
    '2026-02-31',
    '2026-02-29',
    '2026-04-31T10:00:00+02:00',
    '2026-00-10',
  ])
    assert.throws(() => moment(word), word)
  assert.equal(momentOrAgo('1h')(5_000_000), 1_400_000)
  assert.equal(momentOrAgo('2026-01-31T18:00Z')(0), at)
})

test('durations are told as people say them', () => {
  const texts = {
    80: '80 ms',
    2940: '2.9 s',
    45000: '45 s',
    310000: '5 min 10 s',
    3600000: '1 h',
    187200000: '2 d 4 h',
  }
  for (const [ms, text] of Object.entries(texts)) assert.equal(durationText(Number(ms)), text)
})
