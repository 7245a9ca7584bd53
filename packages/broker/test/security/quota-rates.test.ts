import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RateSensor } from '../../src/security/quotas/rate-sensor.js'
import { RecentlyUsed } from '../../src/security/quotas/recently-used.js'
import { TokenBucket } from '../../src/security/quotas/token-bucket.js'

const rates: [what: string, records: [at: number, amount: number][], now: number, delayMs: number][] = [
  ['nothing', [], 0, 0],
  ['what ten seconds can carry at once', [[100_000, 90_000]], 100_000, 0],
  ['more than ten seconds can carry', [[100_500, 100_000]], 100_500, 100_000 / 9 - 10_000],
  [
    'what came before, within the time that is looked at',
    [
      [100_000, 60_000],
      [104_000, 60_000],
    ],
    104_000,
    120_000 / 9 - 10_000,
  ],
  [
    'a full window: time is counted from its first sample on',
    [
      [100_000, 45_000],
      [110_900, 60_000],
    ],
    110_900,
    105_000 / 9 - 10_900,
  ],
  [
    'what has left the window',
    [
      [100_000, 90_000],
      [111_000, 9_000],
    ],
    111_000,
    0,
  ],
  ['silence for an hour', [[100_000, 1e9]], 3_700_000, 0],
]
for (const [what, records, now, delayMs] of rates) {
  test(`at 9000 a second, the wait after ${what} is ${Math.round(delayMs)} ms`, () => {
    const sensor = new RateSensor()
    for (const [at, amount] of records) sensor.record(amount, at)
    assert.ok(Math.abs(sensor.delayMs(9000, now) - delayMs) < 1e-6, String(sensor.delayMs(9000, now)))
  })
}

test('a window of other samples allows a burst that all complete ones can carry', () => {
  for (const [samples, sampleMs, burst] of [
    [3, 5_000, 10_000],
    [1, 2_000, 2_000],
  ] as const) {
    const sensor = new RateSensor({ samples, sampleMs })
    sensor.record(burst / 1000, 60_000)
    assert.equal(sensor.delayMs(1, 60_000), 0)
    sensor.record(1, 60_000)
    assert.equal(sensor.delayMs(1, 60_000), 1_000)
    assert.equal(sensor.isEmpty(60_000 + samples * sampleMs), true)
  }
})

const history = fc.array(
  fc.record({ passed: fc.integer({ min: 0, max: 15_000 }), amount: fc.integer({ min: 0, max: 50 }) }),
  {
    maxLength: 60,
  },
)

test('a sensor counts what the samples of the last eleven seconds have', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const sensor = new RateSensor()
      const seen: { at: number; amount: number }[] = []
      let now = 50_000
      for (const { passed, amount } of steps) {
        now += passed
        sensor.record(amount, now)
        seen.push({ at: now, amount })
        const first = Math.floor(now / 1000) - 10
        const counted = seen.filter(({ at }) => Math.floor(at / 1000) >= first)
        const total = counted.reduce((sum, each) => sum + each.amount, 0)
        const oldest = counted.find((each) => each.amount > 0)
        const within = Math.max(10_000, oldest ? now - Math.floor(oldest.at / 1000) * 1000 : 0)
        assert.ok(Math.abs(sensor.delayMs(1, now) - Math.max(0, total * 1000 - within)) < 1e-6)
        assert.equal(sensor.isEmpty(now), total === 0)
      }
    }),
  )
})

test('a bucket gives more than it has once, and refuses until that is paid back', () => {
  const bucket = new TokenBucket()
  assert.equal(bucket.take(6, 0.5, 1_000), true)
  assert.equal(bucket.delayMs(0.5, 1_000), 1_000)
  assert.equal(bucket.take(6, 0.5, 1_000), false)
  assert.equal(bucket.take(1, 0.5, 1_999), false)
  assert.equal(bucket.take(1, 0.5, 2_000), true)
  assert.equal(Math.round(bucket.delayMs(0.5, 2_000)), 2_000)
  bucket.owe(2, 0.5, 2_000)
  assert.equal(Math.round(bucket.delayMs(0.5, 2_000)), 6_000)
})

test('a bucket saves what its window has', () => {
  const bucket = new TokenBucket({ samples: 2, sampleMs: 3_000 })
  assert.equal(bucket.take(8, 1, 0), true)
  assert.equal(bucket.delayMs(1, 0), 2_000)
})

test('a bucket saves eleven seconds at most', () => {
  const bucket = new TokenBucket()
  assert.equal(bucket.take(11, 1, 0), true)
  assert.equal(bucket.take(22, 1, 1_000_000), true)
  assert.equal(bucket.delayMs(1, 1_000_000), 11_000)
})

test('S13: a million names leave no more things than there may be, and those used last', () => {
  const things = new RecentlyUsed(() => ({}), 100)
  const first = things.of('first', 0)
  for (let at = 0; at < 1_000_000; at++) {
    things.of(`client ${at}`, at / 1000)
    if (at % 40 === 0) assert.equal(things.of('first', at / 1000), first)
    assert.ok(things.size <= 100)
  }
})

test('what somebody asks for again and again stays, what nobody has asked for in an hour goes within the next', () => {
  const things = new RecentlyUsed(() => ({}), 100)
  const [used, idle] = [things.of('used', 0), things.of('idle', 0)]
  const minute = 60_000
  for (let now = 0; now <= 60 * minute; now += minute) assert.equal(things.of('used', now), used)
  assert.equal(things.of('idle', 61 * minute), idle)
  for (let now = 61 * minute; now <= 181 * minute; now += minute) assert.equal(things.of('used', now), used)
  assert.notEqual(things.of('idle', 181 * minute), idle)
})
