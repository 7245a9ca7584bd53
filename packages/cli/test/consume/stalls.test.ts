import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Consumer, RivvenError } from '@rivven/client'
import { nodeRuntime } from '@rivven/runtime'
import { Stalls } from '../../src/consume/stalls.js'

/** A consumer of one partition that stands at `position`, with records up to `end`. */
function standing(facts: {
  position: number
  end: number
  state?: string
  trouble?: RivvenError
  isCompacted?: boolean
}) {
  const place = { topic: 't', partition: 0 }
  const consumer = {
    health: () => ({ state: facts.state ?? 'manual', trouble: facts.trouble ?? null, assignment: [place] }),
    position: async () => facts.position,
    endOffsets: async () => [{ ...place, offset: facts.end }],
  }
  const { clock } = nodeRuntime()
  return new Stalls(consumer as unknown as Consumer, clock, async () => facts.isCompacted ?? false)
}

test('a consumer that has read all is at the end', async () => {
  assert.equal(await standing({ position: 5, end: 5 }).isAtEnd(), true)
})

test('one that is behind at two looks, with nothing between, cannot read on', async () => {
  const facts = { position: 5, end: 9 }
  const stalls = standing(facts)
  assert.equal(await stalls.isAtEnd(), false)
  facts.position = 6
  assert.equal(await stalls.isAtEnd(), false, 'it has moved, if only behind what holds no records')
  stalls.forget()
  assert.equal(await stalls.isAtEnd(), false, 'records came')
  await assert.rejects(stalls.isAtEnd(), /^Error: t\/0 cannot be read: nothing comes from offset 6, .* end at 9\.$/)
})

test('what fails all the time is thrown, also where the end cannot be asked for', async () => {
  const trouble = new RivvenError('KAFKA_STORAGE_ERROR', 'the disk fails')
  const facts: { position: number; end: number; trouble?: RivvenError | undefined } = { position: 5, end: 9, trouble }
  const stalls = standing(facts)
  assert.equal(await stalls.isAtEnd(), false)
  facts.trouble = undefined
  assert.equal(await stalls.isAtEnd(), false, 'it has only just stopped failing')
  facts.trouble = trouble
  assert.equal(await stalls.isAtEnd(), false)
  await assert.rejects(stalls.isAtEnd(), trouble)
})

test('the end of a compacted topic may lie behind its last record', async () => {
  const stalls = standing({ position: 5, end: 7, isCompacted: true })
  assert.equal(await stalls.isAtEnd(), false)
  assert.equal(await stalls.isAtEnd(), true)
})

test('a member that has not got its partitions yet is not at the end', async () => {
  assert.equal(await standing({ position: 5, end: 5, state: 'joining' }).isAtEnd(), false)
})
