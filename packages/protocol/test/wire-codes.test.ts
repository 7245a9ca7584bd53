import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aclOperations, aclPermissionTypes, patternTypes, resourceTypes, scramMechanisms } from '@rivven/protocol'

const tables = { aclOperations, aclPermissionTypes, patternTypes, resourceTypes, scramMechanisms }

for (const [table, codes] of Object.entries(tables)) {
  test(`${table}: each name has a code of its own, and the code leads back to it`, () => {
    for (const name of codes.names) assert.equal(codes.nameOf((codes.codeOf as (name: string) => number)(name)), name)
  })

  test(`${table}: a code that nobody knows is UNKNOWN, as Kafka reads it`, () => {
    for (const code of [-1, 0, 99, 127]) assert.equal(codes.nameOf(code), 'UNKNOWN')
  })
}

test('the codes are those of the protocol', () => {
  assert.deepEqual([2, 3, 4, 5].map(resourceTypes.nameOf), ['TOPIC', 'GROUP', 'CLUSTER', 'TRANSACTIONAL_ID'])
  assert.deepEqual([3, 4].map(patternTypes.nameOf), ['LITERAL', 'PREFIXED'])
  assert.deepEqual([2, 3, 8, 12, 15].map(aclOperations.nameOf), [
    'ALL',
    'READ',
    'DESCRIBE',
    'IDEMPOTENT_WRITE',
    'TWO_PHASE_COMMIT',
  ])
  assert.deepEqual([2, 3].map(aclPermissionTypes.nameOf), ['DENY', 'ALLOW'])
  assert.deepEqual([1, 2].map(scramMechanisms.nameOf), ['SCRAM-SHA-256', 'SCRAM-SHA-512'])
})
