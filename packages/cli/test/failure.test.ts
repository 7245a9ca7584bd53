import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NoBrokerReachableError, RivvenError, SeveralFailedError } from '@rivven/client'
import { exitStatusOf, Failure, UsageError } from '../src/failure.js'
import { OutputError } from '../src/terminal/output-queue.js'

const coded = (code: string, details = {}) => new RivvenError(code, 'It failed.', details)
const notFound = coded('GROUP_ID_NOT_FOUND')
const forbidden = coded('AUTHORIZATION_FAILED')
const errnoOf = (code: string) => Object.assign(new Error(code), { code })

for (const [what, error, status] of [
  ['anything', new Error('x'), 1],
  ['no error at all', 'x', 1],
  ['a word of the command line', new UsageError('x'), 2],
  ['a setting', coded('INVALID_CONFIG'), 2],
  ['a config that a broker refuses', coded('INVALID_CONFIG', { errorCode: 40 }), 1],
  ['a no at the prompt', new Failure('declined', 'x'), 3],
  ['a group that is not there', notFound, 4],
  ['what the API does not find', coded('SNAPSHOT_NOT_FOUND', { facts: { status: 404 } }), 4],
  ['a group with members', coded('NON_EMPTY_GROUP'), 5],
  ['what one may not do', forbidden, 6],
  ['what the API does not allow', coded('GROUP_AUTHORIZATION_FAILED', { facts: { status: 403 } }), 6],
  ['no answer', coded('TIMED_OUT', { retriable: true }), 7],
  ['what was looked for in vain', coded('TIMED_OUT', { cause: coded('UNKNOWN_TOPIC_OR_PARTITION') }), 4],
  ['no broker', new NoBrokerReachableError('NO_BROKER_REACHABLE', 'x', { retriable: true }), 7],
  [
    'no broker for want of a token',
    new NoBrokerReachableError('NO_BROKER_REACHABLE', 'x', {
      retriable: true,
      cause: coded('AUTHENTICATION_FAILED', { retriable: true, cause: new Error('x') }),
    }),
    1,
  ],
  ['no time left for an address that is wrong', coded('TIMED_OUT', { cause: coded('NO_BROKER_REACHABLE') }), 1],
  ['no Kafka at this address', new NoBrokerReachableError('NO_BROKER_REACHABLE', 'x'), 1],
  ['what is loaded for too long', coded('LOADING', { facts: { status: 503 } }), 7],
  ['a threshold', new Failure('above', 'x'), 8],
  ['a sentence about what stands behind it', new Error('x', { cause: notFound }), 4],
  ['several of one kind', new SeveralFailedError([notFound, notFound]), 4],
  ['several of two kinds', new SeveralFailedError([notFound, coded('NON_EMPTY_GROUP')]), 1],
  ['several of which one is not allowed', new SeveralFailedError([notFound, forbidden]), 6],
  ['a reader that has had enough', new OutputError(errnoOf('EPIPE')), 0],
  ['a full disk', new OutputError(errnoOf('ENOSPC')), 1],
] as const) {
  test(`${what} ends with status ${status}`, () => assert.equal(exitStatusOf(error), status))
}
