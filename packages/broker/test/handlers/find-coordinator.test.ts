import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode, type FindCoordinatorResponse } from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import { handleFindCoordinator } from '../../src/handlers/find-coordinator.js'
import type { BrokerServices, RequestContext } from '../../src/handlers/handler.js'
import { Audit } from '../../src/security/audit/audit.js'
import { openAccess } from './open-access.js'

const advertised = { host: 'localhost', port: 9092 }
const [group, transaction, share] = [0, 1, 2]

async function find(keyType: number, apiVersion: number, { mayAll = true, state = ErrorCode.NONE as number } = {}) {
  const host = { ready: async () => state, expectMember: () => undefined }
  const services = { config: { node_id: 1 }, coordinator: host, transactions: host, runtime: nodeRuntime() }
  const access = { ...openAccess, may: () => mayAll }
  const request = { key: 'one', keyType, coordinatorKeys: ['one'] }
  const audit = new Audit({ clock: nodeRuntime().clock })
  const context = { access, audit, apiVersion, advertised } as unknown as RequestContext
  const answer = (await handleFindCoordinator.handle(
    request,
    services as unknown as BrokerServices,
    context,
  )) as FindCoordinatorResponse
  return apiVersion < 4 ? answer : answer.coordinators[0]!
}

test('who may not see a coordinator is told why: clients show this text rather than that of the error code', async () => {
  for (const version of [1, 2, 3, 4, 5, 6]) {
    const denied = (keyType: number) => find(keyType, version, { mayAll: false })
    assert.match((await denied(group)).errorMessage ?? '', /DESCRIBE on the group/)
    assert.match((await denied(transaction)).errorMessage ?? '', /DESCRIBE on the transactional id/)
    assert.match((await denied(share)).errorMessage ?? '', /CLUSTER_ACTION on the cluster/)
  }
})

test('whatever keeps one key from its coordinator has a text, too', async () => {
  const unavailable = await find(group, 2, { state: ErrorCode.COORDINATOR_NOT_AVAILABLE })
  assert.match(unavailable.errorMessage ?? '', /not available/)
  assert.match((await find(share, 2)).errorMessage ?? '', /no coordinator/)
})
