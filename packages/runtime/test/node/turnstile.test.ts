import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turnstile } from '../../src/node/turnstile.js'

test('a turnstile lets no more in at once than it may, in order, whatever becomes of their work', async () => {
  const turnstile = new Turnstile(3)
  const order: number[] = []
  let inside = 0
  let most = 0
  const works = Array.from({ length: 20 }, (_, index) =>
    turnstile.pass(async () => {
      order.push(index)
      most = Math.max(most, ++inside)
      await new Promise(setImmediate)
      inside--
      if (index % 4 === 0) throw new Error('no')
    }),
  )
  const ends = await Promise.allSettled(works)
  assert.equal(most, 3)
  assert.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  )
  assert.equal(ends.filter(({ status }) => status === 'rejected').length, 5)
})
