import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  advanceTrack,
  beginTrack,
  blankTrack,
  type LagSample,
  type LagTrack,
  type StatusQuestion,
  statusOf,
} from '../../src/index.js'
import { Chance } from '../support/chance.js'

const minute = 60_000
const now = 1_700_000_000_000
const windowMs = 120_000

/** A group that committed a second ago, and does well. */
function track(changes: Partial<LagTrack> = {}): LagTrack {
  const recent = { committedAt: now - 1_000, progressAt: now - 1_000, shrankAt: now - 1_000 }
  return { ...blankTrack(), offset: 50, highest: 50, firstSeenAt: now - 86_400_000, ...recent, ...changes }
}

const question: StatusQuestion = { now, ageMs: 0, windowMs, hasMembers: true }
const old = now - 3 * minute

const rows: [what: string, track: Partial<LagTrack>, question: Partial<StatusQuestion>, status: string][] = [
  ['nothing waits, whenever it committed last', { committedAt: 0, progressAt: 0, shrankAt: 0 }, {}, 'OK'],
  ['what waits is young', { committedAt: old, progressAt: old, shrankAt: old }, { ageMs: 29_000 }, 'OK'],
  ['the lag did not shrink, and what waits is no more than 30 s old', { shrankAt: old }, { ageMs: 30_000 }, 'OK'],
  ['the lag did not shrink', { shrankAt: old }, { ageMs: 30_001 }, 'WARN'],
  ['the lag shrank two minutes ago', { shrankAt: now - 2 * minute }, { ageMs: minute }, 'OK'],
  ['far behind, and catching up', {}, { ageMs: 60 * minute }, 'OK'],
  ['commits come, and the offset stands', { progressAt: old }, { ageMs: 3 * minute }, 'STALL'],
  ['the offset stands for just two minutes', { progressAt: now - 2 * minute }, { ageMs: 3 * minute }, 'OK'],
  ['no commits', { committedAt: old, progressAt: old }, { ageMs: 3 * minute }, 'STOP'],
  ['no commits for just two minutes', { committedAt: now - 2 * minute }, { ageMs: 3 * minute }, 'OK'],
  ['no commits, and what waits came after the last one', { committedAt: old }, { ageMs: 2 * minute }, 'OK'],
  [
    'no members',
    { committedAt: old, progressAt: old, firstSeenAt: now },
    { ageMs: 3 * minute, hasMembers: false },
    'STOP',
  ],
  [
    'members that had no time yet to commit',
    { committedAt: old, firstSeenAt: now - minute },
    { ageMs: 3 * minute },
    'OK',
  ],
  ['it commits every minute and a half', { committedAt: old, commitGapMs: 90_000 }, { ageMs: 4 * minute }, 'OK'],
  ['the same, for longer', { committedAt: now - 5 * minute, commitGapMs: 90_000 }, { ageMs: 5 * minute }, 'STOP'],
  [
    'half an hour is too long, however rarely it commits',
    { committedAt: now - 31 * minute, commitGapMs: 3_600_000 },
    { ageMs: 31 * minute },
    'STOP',
  ],
  ['the offset fell', { offset: 40, rewoundAt: now - minute }, {}, 'REWIND'],
  ['the offset fell more than an hour ago', { offset: 40, rewoundAt: now - 61 * minute }, {}, 'OK'],
]

for (const [what, changes, asked, status] of rows) {
  test(`${status}: ${what}`, () => assert.equal(statusOf(track(changes), { ...question, ...asked }), status))
}

test('an offset that has come back is no rewind, nor is one that an administrator has moved', () => {
  const sample: LagSample = {
    ...{ now, offset: 50, committedAt: now, lag: 10, ageMs: 5_000, logStartOffset: 0 },
    ...{ hasMembers: true, assignsItself: false },
  }
  const member = track()
  beginTrack(member, sample)
  advanceTrack(member, { ...sample, now: now + 10_000, offset: 20 })
  assert.equal(statusOf(member, { ...question, now: now + 10_000 }), 'REWIND')
  advanceTrack(member, { ...sample, now: now + 20_000, offset: 49 })
  assert.equal(statusOf(member, { ...question, now: now + 20_000 }), 'REWIND')
  advanceTrack(member, { ...sample, now: now + 30_000, offset: 50 })
  assert.equal(statusOf(member, { ...question, now: now + 30_000 }), 'OK')
  const moved = track()
  beginTrack(moved, sample)
  advanceTrack(moved, { ...sample, now: now + 10_000, offset: 20, hasMembers: false })
  assert.equal(statusOf(moved, { ...question, now: now + 10_000 }), 'OK')
})

test('a group whose commits keep up never stops, however much waits and however records come', (t) => {
  const seed = Number(process.env.SEED ?? 1 + (process.pid % 1_000))
  t.diagnostic(`SEED=${seed}`)
  for (let run = 0; run < 40; run++) {
    const chance = new Chance(seed + run)
    const below = (limit: number) => chance.below(limit)
    const every = 1_000 + below(100_000)
    const group = blankTrack()
    let [offset, end, committedAt] = [0, below(1_000), now]
    for (let at = now; at < now + 4 * 3_600_000; at += 10_000) {
      end += below(3) === 0 ? below(500) : 0
      if (at - committedAt >= every) {
        committedAt = at
        offset += below(Math.max(1, end - offset))
      }
      const ageMs = end > offset ? below(2 * 3_600_000) : 0
      const sample = { now: at, offset, committedAt, lag: end - offset, ageMs, logStartOffset: 0 }
      if (at === now) beginTrack(group, { ...sample, hasMembers: true, assignsItself: false })
      else advanceTrack(group, { ...sample, hasMembers: true, assignsItself: false })
      const status = statusOf(group, { now: at, ageMs, windowMs, hasMembers: below(2) === 0 })
      assert.notEqual(status, 'STOP', `run ${run}, ${at - now} ms`)
    }
  }
})
