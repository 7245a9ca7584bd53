import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chunkCounts, sizeTable } from './database-size.js'

const open = (chunk: number) => ({ chunk, isClosed: false })
const closed = (chunk: number) => ({ chunk, isClosed: true })
const MIB = 1_048_576

test('chunks that are not there any more were opened, closed and dropped', () => {
  assert.deepEqual(chunkCounts([]), { opened: 0, closed: 0, dropped: 0 })
  assert.deepEqual(chunkCounts([open(1), open(2)]), { opened: 2, closed: 0, dropped: 0 })
  assert.deepEqual(chunkCounts([open(1), closed(4), open(5)]), { opened: 5, closed: 3, dropped: 2 })
})

test('rows and bytes of each table stand beside each other by time, the largest first', () => {
  const samples = [
    { at: 0, tables: new Map([['segment', { rows: 2, bytes: MIB / 2 }]]), chunks: [open(1)] },
    {
      at: 90_000,
      tables: new Map([
        ['segment', { rows: 3, bytes: MIB }],
        ['batches', { rows: 40, bytes: 3 * MIB }],
      ]),
      chunks: [closed(2), open(3)],
    },
  ]
  assert.deepEqual(sizeTable(samples), [
    ['TABLE', '0.0 min', '1.5 min'],
    ['batches', '0 rows, 0.0 MiB', '40 rows, 3.0 MiB'],
    ['segment', '2 rows, 0.5 MiB', '3 rows, 1.0 MiB'],
    ['chunks opened', '1', '3'],
    ['chunks closed', '0', '2'],
    ['chunks dropped', '0', '1'],
  ])
})
