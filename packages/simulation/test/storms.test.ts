import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertHolds } from './assert-holds.js'

/** In parts, so that on a busy machine a test ends now and then. */
const parts = 10
const stormsEach = 18
let rebalances = 0

for (let part = 1; part <= parts; part++) {
  test(`10,000 rebalances of groups whose members hardly stay break no promise: ${part} of ${parts} parts`, async (context) => {
    rebalances += await assertHolds('storm of seed', 1 + (part - 1) * stormsEach, stormsEach, 'storms')
    context.diagnostic(`${rebalances} rebalances`)
    if (part === parts) assert.ok(rebalances >= 10_000, `${rebalances} rebalances`)
  })
}
