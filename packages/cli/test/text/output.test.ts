import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OutputFormat, renderRows } from '../../src/text/output.js'

test('tables may have any number of rows, in each form', () => {
  const columns = [
    { field: 'name', title: 'NAME' },
    { field: 'count', title: 'COUNT' },
  ]
  const rows = Array.from({ length: 300_000 }, (_, count) => ({
    name: count === 7 ? 'the longest' : `n${count}`,
    count,
  }))
  const lines = (format: OutputFormat) => renderRows(format, columns, rows).trimEnd().split('\n')
  const table = lines('table')
  assert.deepEqual([table.length, table[0], table[8]], [300_001, 'NAME         COUNT', 'the longest  7'])
  assert.deepEqual([lines('csv').length, lines('ndjson').length], [300_001, 300_000])
})
