import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '@rivven/runtime'
import { listInTurns } from '../../src/coordinator/shards/list-in-turns.js'

/** Every look at it takes a millisecond; `others` have their turn at every rest. */
function busyClock(others: () => void): Clock {
  let time = 0
  return {
    now: () => time,
    monotonic: () => ++time,
    setTimer(_delayMs, callback) {
      others()
      setImmediate(callback)
      return { cancel: () => undefined }
    },
  }
}

const hostsOf = (count: number) => Array.from({ length: count }, (_, shard) => ({ isLoaded: true, shard }))
const twice = (shard: number) => [shard, shard]

test('what is in many shards is listed with turns for others in between', async () => {
  let turns = 0
  const listed = await listInTurns(
    hostsOf(50),
    busyClock(() => turns++),
    twice,
  )
  assert.deepEqual(listed?.slice(0, 4), [0, 0, 1, 1])
  assert.equal(listed?.length, 100)
  assert.ok(turns >= 10, `${turns} turns`)
})

test('nothing is listed if a shard is not loaded, or is dropped meanwhile: half a list looks like a whole one', async () => {
  const hosts = hostsOf(50)
  const drop = () => {
    for (const host of hosts.slice(40)) host.isLoaded = false
  }
  assert.equal(await listInTurns(hosts, busyClock(drop), twice), undefined)
  assert.equal(
    await listInTurns(
      hosts,
      busyClock(() => undefined),
      twice,
    ),
    undefined,
  )
})
