import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import { nodeClock } from '@rivven/runtime'
import { brokerConfig } from '../../src/config/broker-config.js'
import { UnavailableError, UnknownOutcomeError } from '../../src/database/database-error.js'
import { allHandlers } from '../../src/handlers/all-handlers.js'
import type { BrokerServices, RequestContext } from '../../src/handlers/handler.js'
import { handleInitProducerId } from '../../src/handlers/transactions/init-producer-id.js'
import { silentLog } from '../../src/log-output.js'
import { clusterOfOne } from '../cluster/image-fixture.js'
import { openAccess } from './open-access.js'

const cannot = 'What the brokers share cannot be reached'
const known = { name: 'known', id: 'AAAAAAAAAAAAAAAAAAAAAQ', partitionCount: 1, configs: new Map(), isInternal: false }

function servicesThatFail(error: Error): BrokerServices {
  const fail = () => Promise.reject(error)
  const catalog = {
    topic: (name: string) => (name === 'known' ? known : undefined),
    ...{ topicById: () => undefined, collidingTopic: () => undefined, topics: () => [known], room: 1000 },
    ...{ createTopics: fail, deleteTopics: fail, growTopics: fail, configureTopics: fail },
  }
  const security = { acls: { create: fail, delete: fail }, users: { alter: fail }, quotas: { alter: fail } }
  const services = {
    ...{ catalog, security },
    cluster: clusterOfOne,
    config: brokerConfig(),
    runtime: { clock: nodeClock },
    log: silentLog(),
  }
  return services as unknown as BrokerServices
}

function answerTo(apiName: string, apiVersion: number, request: object, error: Error): unknown {
  const handler = allHandlers.find(({ api }) => api.name === apiName)
  return handler?.handle(request, servicesThatFail(error), { apiVersion, access: openAccess } as RequestContext)
}

const counts = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
const pattern = { resourceType: 2, resourceName: 't', resourcePatternType: 3 }
const rule = { principal: 'User:a', host: '*', operation: 3, permissionType: 3 }
const filter = { resourceTypeFilter: 2, resourceNameFilter: 't', patternTypeFilter: 3 }
const ruleFilter = { principalFilter: null, hostFilter: null, operation: 1, permissionType: 1 }
const cases: readonly [string, number, object][] = [
  ['CreateTopics', 5, { topics: [{ name: 'new', ...counts }] }],
  ['DeleteTopics', 5, { topicNames: ['known'] }],
  ['CreatePartitions', 3, { topics: [{ name: 'known', count: 3, assignments: null }] }],
  ['AlterConfigs', 1, { resources: [{ resourceType: 2, resourceName: 'known', configs: [] }] }],
  ['IncrementalAlterConfigs', 1, { resources: [{ resourceType: 2, resourceName: 'known', configs: [] }] }],
  ['CreateAcls', 2, { creations: [{ ...pattern, ...rule }] }],
  ['DeleteAcls', 2, { filters: [{ ...filter, ...ruleFilter }] }],
  ['AlterUserScramCredentials', 0, { deletions: [{ name: 'alice', mechanism: 1 }], upsertions: [] }],
  ['AlterClientQuotas', 1, { entries: [{ entity: [{ entityType: 'user', entityName: 'a' }], ops: [] }] }],
]

for (const [apiName, version, request] of cases) {
  test(`${apiName}: what the disk refuses is answered so, and is no bug`, async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    const [answer] = Object.values((await answerTo(apiName, version, request, full)) as object).flat()
    assert.equal(answer.errorCode, 56)
    assert.match(answer.errorMessage, /could not store it: ENOSPC/)
  })

  test(`${apiName}: a bug is no answer`, async () => {
    await assert.rejects(async () => answerTo(apiName, version, request, new TypeError('a bug')), { message: 'a bug' })
  })
}

for (const [apiName, version, request] of cases) {
  test(`${apiName}: where what brokers share cannot be reached, a client tries again`, async () => {
    for (const error of [new UnavailableError('no database'), new UnknownOutcomeError('no answer')]) {
      const [answer] = Object.values((await answerTo(apiName, version, request, error)) as object).flat()
      assert.deepEqual(
        [answer.errorCode, answer.errorMessage],
        [ErrorCode.NOT_CONTROLLER, `${cannot}: ${error.message}`],
      )
    }
  })
}

test('InitProducerId: where no ids can be had, a client tries again', async () => {
  const handle = (error: Error) => {
    const services = { producerIds: { next: () => Promise.reject(error) } } as unknown as BrokerServices
    const request = { transactionalId: null, transactionTimeoutMs: 1, producerId: -1, producerEpoch: -1 }
    return handleInitProducerId.handle(request, services, { access: openAccess } as RequestContext)
  }
  const { errorCode } = (await handle(new UnavailableError('no database'))) as { errorCode: number }
  assert.equal(errorCode, ErrorCode.COORDINATOR_NOT_AVAILABLE)
  await assert.rejects(async () => handle(new TypeError('a bug')), { message: 'a bug' })
})
