import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bodyOf,
  consequenceText,
  doneText,
  movesText,
  type ResetForm,
  resetCommand,
  undoBody,
  undoCommand,
  usualForm,
} from '../src/pages/group/offsets/reset-request.js'

const form = (part: Partial<ResetForm>): ResetForm => ({ ...usualForm, ...part })

test('what was chosen is what the API is sent', () => {
  const cases: readonly [Partial<ResetForm>, boolean, object | string][] = [
    [{ to: 'earliest' }, false, { to: 'earliest' }],
    [{ to: 'latest', topic: 'a b' }, false, { to: 'latest', topics: [{ topic: 'a b' }] }],
    [{ text: '1970-01-01 00:01' }, true, { to: 'time', time: 60_000, live: true, handoverMs: 30_000 }],
    [{ to: 'shift', text: '-100', handsOver: false }, true, { to: 'shift', shift: -100, live: true, handoverMs: 0 }],
    [{ to: 'offset', text: ' 7 ', reason: 'bad release' }, false, { to: 'offset', offset: 7, reason: 'bad release' }],
    [{ text: 'soon' }, false, 'Say since when, as 2026-01-31 18:00.'],
    [{ to: 'shift', text: '1.5' }, false, 'Say how many records, as -100.'],
    [{ to: 'offset', text: '-1' }, false, 'Say which offset.'],
  ]
  for (const [part, isLive, body] of cases) assert.deepEqual(bodyOf(form(part), isLive), body)
})

test('the command does the same as the button', () => {
  assert.equal(
    resetCommand('my group', form({ text: '2026-01-31 18:00' }), true),
    "rivvenctl group reset-offsets 'my group' --all-topics --to-datetime 2026-01-31T18:00:00.000Z --live",
  )
  assert.equal(
    resetCommand('g', form({ to: 'shift', text: '-5', topic: 'orders', handsOver: false, reason: 'x' }), true),
    'rivvenctl group reset-offsets g --topic orders --shift-by -5 --live --handover 0 --reason x',
  )
  assert.equal(
    resetCommand('g', form({ to: 'offset' }), false),
    'rivvenctl group reset-offsets g --all-topics --to-offset N',
  )
  assert.equal(undoCommand('g', 3, true), 'rivvenctl group undo g 3 --live')
})

test('undo asks for the snapshot, and brings a deleted group back', () => {
  assert.deepEqual(undoBody(3, false), { to: 'snapshot', snapshot: 3, create: true })
  assert.deepEqual(undoBody(3, true), { to: 'snapshot', snapshot: 3, create: true, live: true, handoverMs: 30_000 })
})

test('how far an offset moves is said with its sign', () => {
  const cases: readonly [number | null, number | null, string][] = [
    [12_345, 11_020, '−1,325'],
    [0, 20, '+20'],
    [5, 5, 'none'],
    [null, 7, 'new'],
    [7, null, 'forgotten'],
    [null, null, 'none'],
  ]
  for (const [oldOffset, newOffset, text] of cases) assert.equal(movesText({ oldOffset, newOffset }), text)
})

test('a plan says what becomes of members and of records', () => {
  const changes = [
    { topic: 't', partition: 0, oldOffset: 10, newOffset: 4, note: null },
    { topic: 't', partition: 1, oldOffset: 0, newOffset: 1, note: null },
  ]
  assert.equal(
    consequenceText({ changes, memberCount: 3 }, usualForm),
    '3 members are asked to hand over within 30 s; what they are doing is committed first, then read again from the new offsets. 6 records will be read again, 1 record will not be read.',
  )
  assert.equal(
    consequenceText({ changes: [], memberCount: 1 }, form({ handsOver: false })),
    '1 member is put out at once, to join anew; what is being done is not committed. Nothing is read again and nothing skipped.',
  )
  assert.match(
    consequenceText({ changes, memberCount: 0 }, usualForm),
    /^The group has no members: the offsets change at once\./,
  )
})

test('what was done is told with who had to join anew', () => {
  const changes = [{ topic: 't', partition: 0, oldOffset: 10, newOffset: 4, note: null }]
  assert.equal(doneText({ mode: 'empty', fenced: [], generation: 0, changes }), '1 offset was moved.')
  const fenced = [{ memberId: 'a-1', groupInstanceId: null, clientId: 'a', clientHost: '/127.0.0.1' }]
  assert.equal(
    doneText({ mode: 'fenced', fenced, generation: 43, changes }),
    '1 offset was moved: fenced, generation 43. a had to join anew.',
  )
})
