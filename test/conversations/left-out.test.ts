import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leftOut } from './left-out.js'
import { recordings } from './recordings.js'

/** Kafka's answer to one of its steps was an accident of its start. */
const accident = 'security-open/without-an-acl-everything-is-allowed'

test('of the recordings nothing is left out but one answer that was an accident', () => {
  assert.deepEqual(Object.keys(leftOut), [accident])
})

test('where only steps are left out, it is the accident', () => {
  for (const { place, conversation } of recordings) {
    const steps = leftOut[place]?.steps?.map((number) => conversation.steps[number - 1]?.api)
    if (steps) assert.deepEqual([place, ...steps], [accident, 'InitProducerId'])
  }
})
