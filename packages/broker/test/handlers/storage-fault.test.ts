import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeClock } from '@rivven/runtime'
import { brokerConfig } from '../../src/config/broker-config.js'
import { allHandlers } from '../../src/handlers/all-handlers.js'
import type { BrokerServices, RequestContext } from '../../src/handlers/handler.js'
import { silentLog } from '../../src/log-output.js'
import { clusterOfOne } from '../cluster/image-fixture.js'
import { openAccess } from './open-access.js'

const known = { name: 'known', id: 'AAAAAAAAAAAAAAAAAAAAAQ', partitionCount: 1, configs: new Map(), isInternal: false }

function servicesThatFail(error: Error): BrokerServices {
  const fail = () => Promise.reject(error)
  const catalog = {
    topic: (name: string) => (name === 'known' ? known : undefined),
    ...{ topicById: () => undefined, collidingTopic: () => undefined, topics: () => [known], room: 1000 },
    ...{ createTopics: fail, deleteTopics: fail, growTopics: fail, configureTopics: fail },
  }
  const services = {
    catalog,
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
const cases: readonly [string, number, object][] = [
  ['CreateTopics', 5, { topics: [{ name: 'new', ...counts }] }],
  ['DeleteTopics', 5, { topicNames: ['known'] }],
  ['CreatePartitions', 3, { topics: [{ name: 'known', count: 3, assignments: null }] }],
  ['AlterConfigs', 1, { resources: [{ resourceType: 2, resourceName: 'known', configs: [] }] }],
  ['IncrementalAlterConfigs', 1, { resources: [{ resourceType: 2, resourceName: 'known', configs: [] }] }],
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
