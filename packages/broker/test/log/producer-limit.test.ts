import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import { ProducerStates } from '../../src/log/state/producer-states.js'
import { sequenced } from './log-fixture.js'

test('a partition takes no more producers than it may remember; those that it knows go on', () => {
  const states = new ProducerStates(2)
  for (const producerId of [1, 2]) {
    assert.equal(states.check(sequenced(producerId, 0, 0), false), ErrorCode.NONE)
    states.record(sequenced(producerId, 0, 0))
  }
  assert.equal(states.check(sequenced(3, 0, 0), false), ErrorCode.POLICY_VIOLATION)
  assert.equal(states.check(sequenced(1, 0, 1), false), ErrorCode.NONE)
  states.expire(Number.MAX_SAFE_INTEGER, 1)
  assert.equal(states.check(sequenced(3, 0, 0), false), ErrorCode.NONE)
})
