import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import { type ErrorFacts, errorFromCode } from '../../src/errors/errors.js'

function denied(code: number, facts: ErrorFacts) {
  const error = errorFromCode(code, 'It', { facts, hint: 'The broker says: no.', retriable: false })
  assert.equal(error.code, 'AUTHORIZATION_FAILED')
  assert.equal(error.errorCode, code)
  assert.equal(error.retriable, false)
  return { ...error.facts, hint: error.hint }
}

test('what is not allowed is one error with operation and resource, and what to ask for', () => {
  assert.deepEqual(denied(ErrorCode.TOPIC_AUTHORIZATION_FAILED, { topic: 'orders', operation: 'WRITE' }), {
    topic: 'orders',
    operation: 'WRITE',
    resource: 'topic orders',
    hint: 'Ask for an ACL that allows WRITE on topic orders.',
  })
  assert.deepEqual(denied(ErrorCode.GROUP_AUTHORIZATION_FAILED, { group: 'g' }), {
    group: 'g',
    operation: 'READ',
    resource: 'group g',
    hint: 'Ask for an ACL that allows READ on group g.',
  })
  assert.deepEqual(denied(ErrorCode.CLUSTER_AUTHORIZATION_FAILED, { operation: 'ALTER' }), {
    operation: 'ALTER',
    resource: 'cluster',
    hint: 'Ask for an ACL that allows ALTER on the cluster.',
  })
  assert.deepEqual(denied(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, { transactionalId: 't' }), {
    transactionalId: 't',
    operation: 'WRITE',
    resource: 'transactional id t',
    hint: 'Ask for an ACL that allows WRITE on transactional id t.',
  })
})

test('other errors have no operation among their facts', () => {
  const facts = { topic: 'orders', operation: 'WRITE' }
  assert.deepEqual(errorFromCode(ErrorCode.MESSAGE_TOO_LARGE, 'It', { facts }).facts, { topic: 'orders' })
})
