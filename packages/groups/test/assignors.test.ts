import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AssignableMember, rangeAssignor, roundRobinAssignor } from '../src/index.js'
import { assignorVectors, inputOf, plain } from './support/assignor-vectors.js'

for (const assignor of [rangeAssignor, roundRobinAssignor]) {
  test(`${assignor.name} divides as Kafka does, with racks and instance ids`, () => {
    const vectors = assignorVectors(assignor.name)
    assert.equal(vectors.length, 143)
    for (const vector of vectors) {
      assert.deepEqual(plain(assignor.assign(inputOf(vector))), vector.assignment, vector.name)
    }
  })
}

test('names that mean something in JavaScript are names like any', () => {
  const topics = new Map([['__proto__', { partitions: 2 }]])
  const members = ['constructor', '__proto__'].map((memberId) => member(memberId, ['__proto__']))
  for (const assignor of [rangeAssignor, roundRobinAssignor]) {
    const assignments = assignor.assign({ topics, members })
    assert.deepEqual(assignments.get('__proto__')?.get('__proto__'), [0])
    assert.deepEqual(assignments.get('constructor')?.get('__proto__'), [1])
  }
})

function member(memberId: string, topics: string[]): AssignableMember {
  return {
    memberId,
    topics,
    groupInstanceId: null,
    rackId: null,
    ownedPartitions: [],
    generationId: -1,
    userData: null,
  }
}
