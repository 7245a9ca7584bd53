import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import { nodeClock } from '@rivven/runtime'
import { allHandlers } from '../../src/handlers/all-handlers.js'
import type { BrokerServices, RequestContext } from '../../src/handlers/handler.js'
import { clusterOfOne } from '../cluster/image-fixture.js'
import { openAccess } from './open-access.js'

const services = {
  cluster: { ...clusterOfOne, isServing: false },
  coordinator: { listGroups: async () => [{ groupId: 'as-it-was' }] },
  transactions: { list: async () => [{ transactionalId: 'as-it-was' }] },
  runtime: { clock: nodeClock },
} as unknown as BrokerServices

const transactionFilters = { stateFilters: [], producerIdFilters: [], durationFilter: -1, transactionalIdPattern: null }

for (const [apiName, request, list, error] of [
  ['ListGroups', { statesFilter: [], typesFilter: [] }, 'groups', 'COORDINATOR_NOT_AVAILABLE'],
  ['ListTransactions', transactionFilters, 'transactionStates', 'COORDINATOR_NOT_AVAILABLE'],
  ['DescribeLogDirs', { topics: null }, 'results', 'NOT_LEADER_OR_FOLLOWER'],
] as const) {
  test(`${apiName}: a broker that may have been replaced tells nothing of what it had`, async () => {
    const handler = allHandlers.find(({ api }) => api.name === apiName)
    const context = { apiVersion: 2, access: openAccess } as RequestContext
    const answer = (await handler?.handle(request, services, context)) as Record<string, unknown>
    assert.deepEqual([answer.errorCode, answer[list]], [ErrorCode[error], []])
  })
}
