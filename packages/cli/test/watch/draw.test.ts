import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RebalanceStory } from '@rivven/client'
import { draw } from '../../src/watch/draw.js'
import { painted } from '../../src/watch/picture.js'
import { type GroupView, stateAtFirst, type WatchState } from '../../src/watch/watch-state.js'
import { lineOf, memberOf, rowOf } from './lines.js'

const now = Date.UTC(2026, 0, 31, 12, 0, 5)
const listKeys = 'q quit   ↑ ↓ choose   Enter look closer   s sort   p pause'
const groupKeys = 'q quit   Esc back to the groups   p pause'

/** Without empty lines at the end; those that are marked begin with `>`. */
function drawn(state: WatchState, rows = 12): string[] {
  return draw(state, { columns: 120, rows }, now).map(({ text, isMarked }) => `${isMarked ? '>' : ''}${text}`)
}

function listOf(parts: Partial<WatchState>): WatchState {
  return { ...stateAtFirst(null), seenAt: now, ...parts }
}

const lines = [
  lineOf({
    groupId: 'mailer',
    state: 'Empty',
    memberCount: 0,
    lag: 18_211,
    lagSeconds: 7_440,
    status: 'STOP',
    eta: 'standing',
  }),
  lineOf({
    groupId: 'orders',
    state: 'Stable',
    memberCount: 3,
    lag: 0,
    lagSeconds: 0,
    status: 'OK',
    catchUpSeconds: 0,
  }),
]

test('before the first look it says that it looks', () => {
  assert.deepEqual(drawn(stateAtFirst(null), 4), ['', '', 'looking…', listKeys])
})

test('groups are drawn a line each, and the cursor marks one', () => {
  assert.deepEqual(drawn(listOf({ lines, total: 2, cursor: 'orders' }), 7), [
    '2 groups, most records behind first',
    'GROUP   STATE   MEMBERS  LAG    BEHIND     CATCH-UP  STATUS',
    'mailer  Empty         0  18211  2 h 4 min  standing  STOP',
    '>orders  Stable        3      0  0 ms       now       OK',
    '',
    'as of 12:00:05 UTC',
    listKeys,
  ])
})

test('of Apache Kafka what is not known is left open', () => {
  const unknown = listOf({ lines: [lineOf({ lag: 4 })], total: 1 })
  assert.equal(drawn(unknown)[2], '>g      -      -          4  -       -         -')
})

test('without groups it says so', () => {
  assert.deepEqual(drawn(listOf({}), 4), [
    '0 groups, most records behind first',
    'No group is here.',
    'as of 12:00:05 UTC',
    listKeys,
  ])
})

test('of more groups than there is room for those around the cursor are drawn', () => {
  const many = Array.from({ length: 50 }, (_, at) => lineOf({ groupId: `g${at}` }))
  const shown = (cursor: string) =>
    drawn(listOf({ lines: many, total: 50, cursor }), 9)
      .slice(2, 7)
      .map((line) => line.split(' ')[0])
  assert.deepEqual(shown('g0'), ['>g0', 'g1', 'g2', 'g3', 'g4'])
  assert.deepEqual(shown('g20'), ['g18', 'g19', '>g20', 'g21', 'g22'])
  assert.deepEqual(shown('g49'), ['g45', 'g46', 'g47', 'g48', '>g49'])
})

test('what failed is told, and what was seen before stays, with its age', () => {
  const state = listOf({ lines, total: 2, seenAt: now - 42_000, trouble: 'No broker\u001b[2J.', isPaused: true })
  assert.match(drawn(state)[2]!, /mailer/)
  assert.equal(drawn(state)[10], 'PAUSED · as of 11:59:23 UTC · cannot look: No broker\\x1b[2J. · 42 s ago')
})

const view: GroupView = {
  group: {
    ...{ groupId: 'g', state: 'Stable', protocolType: 'consumer', protocol: 'range' },
    ...{ coordinator: { id: 1, host: 'h', port: 1 }, members: [memberOf('a', 1, 0), memberOf('b')] },
  },
  rows: [
    rowOf({ partition: 0, status: 'OK', lagSeconds: 0, catchUpSeconds: 0 }),
    rowOf({
      partition: 1,
      logEndOffset: 8,
      lag: 7,
      lagSeconds: 41,
      status: 'STALL',
      reason: 'no commits',
      eta: 'standing',
    }),
    rowOf({ partition: 2, logEndOffset: 3, lag: 2 }),
  ],
  rebalance: {
    ...{ groupId: 'g', generation: 3, startedAt: now - 60_051, endedAt: now - 60_000, cause: 'session expired' },
    culprit: { memberId: 'c-1', groupInstanceId: null, clientId: 'c', clientHost: '/10.0.0.6' },
    partitions: { moved: 2, kept: 1, assigned: 3, released: 0, moves: [] },
  } as unknown as RebalanceStory,
}

test('one group is drawn with who owns what, how far that is behind, and why it last rebalanced', () => {
  assert.deepEqual(drawn({ ...stateAtFirst('g'), view, seenAt: now }, 13), [
    'g   Stable · range · 2 members',
    'Last rebalance 1 min ago, because the session of c expired; it took 51 ms; 2 moved, 1 stayed.',
    '',
    'a (10.0.0.5)  t [0] [1 41 s]',
    'b (10.0.0.5)',
    'nobody        t [2 2]',
    '',
    'TOPIC  PARTITION  OFFSET  END  LAG  BEHIND  CATCH-UP  STATUS',
    't              1       1    8    7  41 s    standing  STALL (no commits)',
    't              2       1    3    2  -       -         -',
    't              0       1    1    0  0 ms    now       OK',
    'as of 12:00:05 UTC',
    groupKeys,
  ])
})

test('a group that has committed nothing and never rebalanced is drawn as well', () => {
  const empty: GroupView = {
    group: { ...view.group, members: [], state: 'Empty', protocol: '' },
    rows: [],
    rebalance: null,
  }
  assert.deepEqual(drawn({ ...stateAtFirst('g\u0007'), view: empty, seenAt: now }, 8).slice(0, 5), [
    'g\\x07   Empty · 0 members',
    '',
    '',
    '',
    'Nothing is committed.',
  ])
})

test('a picture is as large as its screen, whatever there is to draw', () => {
  for (const rows of [1, 2, 3, 40])
    assert.ok(draw(listOf({ lines, total: 2 }), { columns: 80, rows }, now).length >= rows)
  const picture = painted([{ text: 'abcdef' }, { text: 'ghi', isMarked: true }, { text: 'gone' }], {
    columns: 4,
    rows: 2,
  })
  assert.equal(picture, '\u001b[Habcd\u001b[K\r\n\u001b[7mghi \u001b[0m\u001b[J')
})
