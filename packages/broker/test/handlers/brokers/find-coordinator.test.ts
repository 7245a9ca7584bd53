import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode, type FindCoordinatorResponse, partitionForGroup } from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import { handleFindCoordinator } from '../../../src/handlers/brokers/find-coordinator.js'
import type { BrokerServices, RequestContext } from '../../../src/handlers/handler.js'
import { Audit } from '../../../src/security/audit/audit.js'
import { imageOf, nodeOf } from '../../cluster/image-fixture.js'
import { openAccess } from '../open-access.js'

const advertised = { host: 'localhost', port: 9092 }
const [group, transaction, share] = [0, 1, 2]
/** Of both topics: partition 0 is led by broker 1, which is asked, 1 by 2, 2 by nobody. */
const partitions = [1, 2, null].map((leader) => ({ partId: 0, leader, epoch: 1 }))
const topics = ['__consumer_offsets', '__transaction_state'].map((name) => ({ name, id: name, partitions }))
const image = imageOf({ topics, brokers: [nodeOf(1), nodeOf(2)] })
/** One for each of these partitions, by Kafka's hash. */
const keys = [0, 1, 2].map((at) => ['a', 'b', 'c', 'd'].find((key) => partitionForGroup(key, 3) === at) as string)

interface Circumstances {
  mayAll?: boolean
  state?: number
  key?: string
  isServing?: boolean
}

async function find(keyType: number, apiVersion: number, circumstances: Circumstances = {}) {
  const { mayAll = true, state = ErrorCode.NONE as number, key = 'one', isServing = true } = circumstances
  const host = { ready: async () => state, expectMember: () => undefined }
  const cluster = { brokerId: 1, isServing, image }
  const catalog = { topic: () => ({ partitionCount: 3 }) }
  const services = { cluster, catalog, coordinator: host, transactions: host, runtime: nodeRuntime() }
  const access = { ...openAccess, may: () => mayAll }
  const request = { key, keyType, coordinatorKeys: [key] }
  const audit = new Audit({ clock: nodeRuntime().clock })
  const context = { access, audit, apiVersion, advertised, listener: 'PLAINTEXT' } as unknown as RequestContext
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

test('the coordinator of a key is the leader of its partition, with the address of the listener that was asked', async () => {
  for (const keyType of [group, transaction]) {
    for (const version of [2, 6]) {
      const places = await Promise.all(keys.map((key) => find(keyType, version, { key })))
      assert.deepEqual(
        places.map(({ errorCode, nodeId, host, port }) => [errorCode, nodeId, host, port]),
        [
          [ErrorCode.NONE, 1, 'localhost', 9092],
          [ErrorCode.NONE, 2, 'broker-2', 9092],
          [ErrorCode.COORDINATOR_NOT_AVAILABLE, -1, '', -1],
        ],
      )
    }
  }
})

test('a broker that may have been replaced sends nobody to itself', async () => {
  const [own, other] = await Promise.all(keys.map((key) => find(group, 6, { key, isServing: false })))
  assert.deepEqual([own?.errorCode, other?.nodeId], [ErrorCode.COORDINATOR_NOT_AVAILABLE, 2])
})
