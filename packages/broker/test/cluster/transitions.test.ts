import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Transitions } from '../../src/cluster/transitions.js'
import { settled, TestClock } from '../coordinator/test-clock.js'

/** Notes when it resolves. */
function noted(promise: Promise<void> | undefined, notes: string[], note: string): void {
  void promise?.then(() => notes.push(note))
}

test('who waits for a partition goes on when it has come, in the order in which they came', async () => {
  const transitions = new Transitions(new TestClock())
  const notes: string[] = []
  const end = transitions.begin('t', [0, 1], 'coming')
  for (const [index, partition] of [1, 0, 1].entries()) noted(transitions.over('t', partition), notes, `${index}`)
  await settled()
  assert.deepEqual(notes, [])
  end()
  await settled()
  assert.deepEqual(notes, ['0', '1', '2'])
  assert.equal(transitions.isAny, false)
})

test('nobody waits for other partitions, nor for one that is here', () => {
  const transitions = new Transitions(new TestClock())
  const end = transitions.begin('t', [1], 'leaving')
  assert.equal(transitions.over('t', 0), undefined)
  assert.equal(transitions.over('s', 1), undefined)
  assert.deepEqual([transitions.isLeaving('t', 1), transitions.isLeaving('t', 0)], [true, false])
  end()
  assert.equal(transitions.over('t', 1), undefined)
})

test('nobody waits longer than 500 ms from the beginning, and who comes later not at all', async () => {
  const clock = new TestClock()
  const transitions = new Transitions(clock)
  const notes: string[] = []
  const end = transitions.begin('t', [0], 'leaving')
  noted(transitions.over('t', 0), notes, 'first')
  await clock.advance(400)
  noted(transitions.over('t', 0), notes, 'second')
  await clock.advance(99)
  assert.deepEqual(notes, [])
  await clock.advance(1)
  assert.deepEqual(notes, ['first', 'second'])
  assert.equal(transitions.over('t', 0), undefined)
  assert.equal(transitions.isLeaving('t', 0), true)
  end()
})

test('two openings of one topic are two things to wait for', async () => {
  const transitions = new Transitions(new TestClock())
  const notes: string[] = []
  const ends = [0, 1].map((partition) => transitions.begin('t', [partition], 'coming'))
  for (const partition of [0, 1]) noted(transitions.over('t', partition), notes, `${partition}`)
  ends[1]?.()
  await settled()
  assert.deepEqual(notes, ['1'])
  ends[0]?.()
  await settled()
  assert.deepEqual(notes, ['1', '0'])
})
