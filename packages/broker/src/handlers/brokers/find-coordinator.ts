import { ErrorCode, FindCoordinator, partitionForGroup } from '@rivven/protocol'
import { mapInTurns } from '../../breath.js'
import { offsetsTopic } from '../../coordinator/groups/offsets-topic.js'
import { transactionsTopic } from '../../coordinator/transactions/transaction-coordinator.js'
import { type BrokerServices, handler, type RequestContext } from '../handler.js'
import { clusterDenial, denial } from '../rights/denial.js'
import { type ReachableBroker, reachableBroker, servingLeader } from './reachable-brokers.js'

const keyTypes = { group: 0, transaction: 1, share: 2 }

/** Coordinators of share groups are asked for by `group:topicId:partition` (KIP-932). */
const shareKey = /^.*:[A-Za-z0-9_-]{22}:\d+$/

/** Any broker knows who coordinates what: the leader of the partition by the key's hash. Versions before 4 ask for one key (classic-groups.md §4.1). */
export const handleFindCoordinator = handler(FindCoordinator, async (request, services, context) => {
  const { keyType } = request
  const { coordinator, transactions, runtime } = services
  const coordinates = keyType === keyTypes.group ? coordinator : keyType === keyTypes.transaction ? transactions : null
  const isReady = (await coordinates?.ready()) ?? ErrorCode.NONE
  const keys = context.apiVersion < 4 ? [request.key] : request.coordinatorKeys
  // Who asks for several is no member of one; nor is who may not see the group.
  const [only = ''] = keys
  if (keyType === keyTypes.group && keys.length === 1 && denialOf(only, keyType, context) === ErrorCode.NONE)
    coordinator.expectMember(only)
  const coordinators = await mapInTurns(keys, runtime.clock, (key) => {
    const errorCode = denialOf(key, keyType, context) || isReady || errorOf(key, keyType, context.apiVersion)
    const found = errorCode === ErrorCode.NONE ? coordinatorOf(key, keyType, services, context) : undefined
    return { key, ...located(found, errorCode || ErrorCode.COORDINATOR_NOT_AVAILABLE, context.apiVersion) }
  })
  const { key: _, ...first } = coordinators[0] ?? { key: '' }
  return { throttleTimeMs: 0, ...first, coordinators }
})

function coordinatorOf(
  key: string,
  keyType: number,
  services: BrokerServices,
  context: RequestContext,
): ReachableBroker | undefined {
  const topic = keyType === keyTypes.group ? offsetsTopic : transactionsTopic
  const count = services.catalog.topic(topic)?.partitionCount ?? 0
  const leader = count === 0 ? null : servingLeader(services.cluster, topic, partitionForGroup(key, count))
  return leader === null ? undefined : reachableBroker(leader, services, context)
}

function denialOf(key: string, keyType: number, context: RequestContext): number {
  if (keyType === keyTypes.group) return denial(context, 'DESCRIBE', 'GROUP', key)
  if (keyType === keyTypes.transaction) return denial(context, 'DESCRIBE', 'TRANSACTIONAL_ID', key)
  return keyType === keyTypes.share ? clusterDenial(context, 'CLUSTER_ACTION') : ErrorCode.NONE
}

function errorOf(key: string, keyType: number, apiVersion: number): number {
  if (keyType === keyTypes.group || keyType === keyTypes.transaction) return ErrorCode.NONE
  const isShare = keyType === keyTypes.share && apiVersion >= 6 && shareKey.test(key)
  return isShare ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.INVALID_REQUEST
}

function located(found: ReachableBroker | undefined, fault: number, apiVersion: number) {
  const errorCode = found ? ErrorCode.NONE : fault
  const { id: nodeId, host, port } = found ?? nowhere
  return { errorCode, errorMessage: messageOf(errorCode, apiVersion), nodeId, host, port }
}

const nowhere = { id: -1, host: '', port: -1 }

const denials: ReadonlyMap<number, string> = new Map([
  [ErrorCode.GROUP_AUTHORIZATION_FAILED, 'This needs DESCRIBE on the group.'],
  [ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 'This needs DESCRIBE on the transactional id.'],
  [ErrorCode.CLUSTER_AUTHORIZATION_FAILED, 'This needs CLUSTER_ACTION on the cluster.'],
])

/** librdkafka shows this text, also an empty one, in place of its own; Kafka has one for every error before version 4. */
function messageOf(errorCode: number, apiVersion: number): string {
  const denied = denials.get(errorCode)
  if (denied !== undefined) return denied
  if (apiVersion >= 4) return ''
  if (errorCode === ErrorCode.NONE) return 'NONE'
  return errorCode === ErrorCode.INVALID_REQUEST
    ? 'Keys of this type have no coordinator.'
    : 'The coordinator is not available.'
}
