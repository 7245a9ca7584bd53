import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeClock } from '@rivven/runtime'
import { brokerConfig } from '../../src/config/broker-config.js'
import { allHandlers } from '../../src/handlers/all-handlers.js'
import type { BrokerServices, RequestContext } from '../../src/handlers/handler.js'
import { clusterOfOne } from '../cluster/image-fixture.js'
import { openAccess } from './open-access.js'

const COUNT = 5_000

/** How often a field of the elements was read: what work a request made, on any machine. */
class Counted {
  reads = 0

  /** `count` times the same element. */
  times(element: object): object[] {
    const counting = new Proxy(element, {
      get: (target, name) => {
        this.reads += 1
        return Reflect.get(target, name)
      },
    })
    return Array.from({ length: COUNT }, () => counting)
  }
}

const nothing = async () => new Map()
const services = {
  config: brokerConfig(),
  runtime: { clock: nodeClock },
  catalog: {
    ...{ topic: () => undefined, topicById: () => undefined, collidingTopic: () => undefined, topics: () => [] },
    ...{ createTopics: nothing, deleteTopics: nothing, growTopics: nothing, configureTopics: nothing },
  },
  logs: { get: () => undefined, has: () => false, opened: () => undefined },
  partitions: {
    log: () => undefined,
    view: () => undefined,
    faultOf: () => 3,
    coming: () => undefined,
    allComing: () => undefined,
  },
  cluster: clusterOfOne,
  coordinator: { deleteOffsets: async () => ({ errorCode: 0, throttleTimeMs: 0, topics: [] }) },
} as unknown as BrokerServices

async function handle(apiName: string, apiVersion: number, request: object): Promise<unknown> {
  const handler = allHandlers.find(({ api }) => api.name === apiName)
  return handler?.handle(request, services, { apiVersion, access: openAccess } as RequestContext)
}

const noLists = { assignments: [], configs: [], topicNames: [], partitions: [], configurationKeys: [] }
const topic = { ...noLists, name: 't', topicId: 'AAAAAAAAAAAAAAAAAAAAAA', numPartitions: 1, replicationFactor: 1 }
const resource = { ...noLists, resourceType: 4, resourceName: '1' }
const cases: readonly [string, number, object, (list: object[]) => object][] = [
  ['CreateTopics', 5, topic, (topics) => ({ topics })],
  ['CreatePartitions', 3, { ...topic, count: 3 }, (topics) => ({ topics })],
  ['DeleteTopics', 6, topic, (topics) => ({ topics })],
  ['Metadata', 9, topic, (topics) => ({ topics, allowAutoTopicCreation: false })],
  ['DescribeConfigs', 4, resource, (resources) => ({ resources })],
  ['AlterConfigs', 2, resource, (resources) => ({ resources })],
  ['IncrementalAlterConfigs', 1, resource, (resources) => ({ resources })],
  ['OffsetDelete', 0, { name: 't', partitions: [{ partitionIndex: 0 }] }, (topics) => ({ groupId: 'g', topics })],
  ['ListOffsets', 7, { partitionIndex: 0, timestamp: -1 }, (partitions) => ({ topics: [{ name: 't', partitions }] })],
]

for (const [apiName, version, element, requestOf] of cases) {
  test(`${apiName}: a name that stands in a request thousands of times is work for each time, not for each pair`, async () => {
    const counted = new Counted()
    await handle(apiName, version, requestOf(counted.times(element)))
    assert.ok(counted.reads <= 20 * COUNT, `${counted.reads} reads of ${COUNT} elements`)
  })
}
