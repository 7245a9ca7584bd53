import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StreamPlaces } from '../../src/http/events/stream-places.js'

test('64 streams are open at most, wherever they come from, and 16 of one address', () => {
  const places = new StreamPlaces()
  const taken = Array.from({ length: 64 }, (_, at) => places.take(`10.0.0.${at % 4}`))
  assert.ok(taken.every((giveBack) => giveBack !== undefined))
  assert.equal(places.take('10.0.0.9'), undefined)
  assert.equal(places.count, 64)
  taken[0]!()
  taken[0]!()
  assert.equal(places.count, 63, 'a place is given back once')
  const last = places.take('10.0.0.9')
  assert.ok(last)
  last()
  assert.equal(places.take('10.0.0.1'), undefined, 'this address has its 16')
  assert.ok(places.take('10.0.0.0'))
})
