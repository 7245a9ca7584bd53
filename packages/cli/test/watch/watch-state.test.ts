import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cursorAt, pressed, stateAtFirst, type WatchState } from '../../src/watch/watch-state.js'
import { lineOf } from './lines.js'

const list: WatchState = {
  ...stateAtFirst(null),
  lines: ['a', 'b', 'c'].map((groupId) => lineOf({ groupId })),
  total: 3,
}

function after(state: WatchState, ...keys: string[]): WatchState {
  return keys.reduce((one, key) => pressed(one, key)!, state)
}

test('q ends it, everywhere', () => {
  assert.equal(pressed(list, 'q'), undefined)
  assert.equal(pressed(stateAtFirst('g'), 'q'), undefined)
})

for (const [keys, at] of [
  [[], 0],
  [['down'], 1],
  [['down', 'down', 'down', 'down'], 2],
  [['up'], 0],
  [['down', 'down', 'up'], 1],
] as const) {
  test(`the cursor is on line ${at} after ${keys.join(', ') || 'nothing'}`, () => {
    assert.equal(cursorAt(after(list, ...keys)), at)
  })
}

test('the cursor stays on its group when the order changes, and is on the first when that is gone', () => {
  const state = after(list, 'down')
  assert.equal(cursorAt({ ...state, lines: [...list.lines].reverse() }), 1)
  assert.equal(cursorAt({ ...state, lines: ['c', 'a', 'b'].map((groupId) => lineOf({ groupId })) }), 2)
  assert.equal(cursorAt({ ...state, lines: [lineOf({ groupId: 'a' })] }), 0)
})

test('Enter opens the group under the cursor, and Esc closes it', () => {
  const opened = after(list, 'down', 'enter')
  assert.equal(opened.opened, 'b')
  const closed = after(opened, 'escape')
  assert.deepEqual([closed.opened, cursorAt(closed)], [null, 1])
  assert.equal(after({ ...list, lines: [] }, 'enter', 'up', 'down').opened, null)
})

test('s goes through all orders, in the list alone; p stops and goes on', () => {
  assert.deepEqual(
    ['s', 's', 's', 's'].map((_, at) => after(list, ...Array(at + 1).fill('s')).sort),
    ['lagSeconds', 'status', 'group', 'lag'],
  )
  assert.equal(after(stateAtFirst('g'), 's').sort, 'lag')
  assert.deepEqual([after(list, 'p').isPaused, after(list, 'p', 'p').isPaused], [true, false])
})

test('other keys do nothing', () => {
  assert.deepEqual(after(list, 'x', 'escape'), list)
})
