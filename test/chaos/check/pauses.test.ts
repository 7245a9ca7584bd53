import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pauses } from './pauses.js'

test('a pause is blamed on the first fault while it lasted, else on the last one before', () => {
  const pauses = new Pauses(2)
  for (const at of [0, 900, 990]) pauses.progress(0, at)
  pauses.fault('kill', 1000)
  pauses.fault('pause', 1200)
  pauses.progress(0, 1290)
  for (const at of [990, 1100, 1190, 1250]) pauses.progress(1, at)
  pauses.progress(1, 1650)
  pauses.fault('kill', 2000)
  for (const partition of [0, 1]) pauses.progress(partition, 2010)
  assert.deepEqual(pauses.rows(), [
    { kind: 'kill', count: 2, longest: [300, 720], byPartition: [720, 360] },
    { kind: 'pause', count: 1, longest: [400], byPartition: [0, 400] },
  ])
})

test('what was before the first fault is blamed on none', () => {
  const pauses = new Pauses(1)
  for (const at of [0, 500]) pauses.progress(0, at)
  pauses.fault('kill', 600)
  assert.deepEqual(pauses.rows(), [{ kind: 'kill', count: 1, longest: [0], byPartition: [0] }])
})
