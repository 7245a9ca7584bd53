import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  askedOf,
  peekCommand,
  recordsPath,
  stoppedText,
  timeIn,
  valuePath,
} from '../src/pages/topic/records/records-query.js'

const path = (query: Record<string, string>, from = '') => {
  const asked = askedOf(query, from)
  return typeof asked === 'string' ? asked : recordsPath('a/b', asked)
}

test('what stands in the address is what the API is asked for', () => {
  assert.equal(path({}), 'api/topics/a%2Fb/records?limit=50&newest=50')
  assert.equal(
    path({ way: 'offset', partition: '3', offset: '12', count: '9999', search: 'x y' }),
    'api/topics/a%2Fb/records?partition=3&search=x+y&limit=500&offset=12',
  )
  assert.equal(path({ way: 'time', time: '1970-01-01 00:01' }), 'api/topics/a%2Fb/records?limit=50&timestamp=60000')
  assert.equal(
    path({ show: 'true', isolation: 'read_uncommitted' }),
    'api/topics/a%2Fb/records?limit=50&isolation=read_uncommitted&show=true&newest=50',
  )
  assert.equal(
    path({ way: 'offset', partition: '0' }, '0:17'),
    'api/topics/a%2Fb/records?partition=0&limit=50&from=0%3A17',
  )
})

test('what is missing is said, and nothing is asked', () => {
  assert.equal(path({ way: 'offset', offset: '12' }), 'An offset is one of a partition: choose which.')
  assert.equal(path({ way: 'time', time: 'yesterday' }), 'Say since when, as 2026-01-31 18:00.')
})

test('times are UTC unless they say otherwise', () => {
  const cases: readonly [string, number | undefined][] = [
    ['1970-01-02', 86_400_000],
    ['1970-01-01T00:00:01.5', 1500],
    ['1970-01-01 01:00 +01:00', 0],
    ['1970-01-01 00:00:02 UTC', 2000],
    ['1969-12-31', undefined],
    ['2026-13-01', undefined],
    ['', undefined],
  ]
  for (const [text, time] of cases) assert.equal(timeIn(text), time, text)
})

test('the command shows the same in a terminal', () => {
  assert.equal(peekCommand('orders', {}), 'rivvenctl topic peek orders --newest 50')
  assert.equal(
    peekCommand('orders', { way: 'offset', partition: '2', offset: '7', count: '5', search: "o'k", show: 'true' }),
    `rivvenctl topic peek orders --partition 2 --offset 7 -n 5 --search 'o'\\''k' --show-aborted`,
  )
  assert.equal(
    peekCommand('orders', { way: 'time', time: '2026-01-31 18:00' }),
    'rivvenctl topic peek orders --at 2026-01-31T18:00:00.000Z -n 50',
  )
})

test('a look that was ended says why', () => {
  assert.equal(stoppedText({ stopped: 'end', scanned: 5, unreadable: 0 }), '')
  assert.equal(stoppedText({ stopped: 'limit', scanned: 5, unreadable: 2 }), '2 batches could not be read.')
  assert.equal(
    stoppedText({ stopped: 'records', scanned: 50_000, unreadable: 0 }),
    'One look is at most at 50,000 records: it stopped after 50,000.',
  )
})

test('a value is had by its place', () => {
  const place = { topic: '..', partition: 1, offset: 2 }
  assert.equal(valuePath(place, 'value'), 'api/topics/~../partitions/1/records/2/value')
  assert.equal(valuePath(place, 'key', true), 'api/topics/~../partitions/1/records/2/value?part=key&download=true')
})
