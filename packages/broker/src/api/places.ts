import { partitionForGroup } from '@rivven/protocol'
import { leaderOf } from '../cluster/image.js'
import { offsetsTopic } from '../coordinator/groups/offsets-topic.js'
import { transactionsTopic } from '../coordinator/transactions/transaction-coordinator.js'
import { servingLeader } from '../handlers/brokers/reachable-brokers.js'
import type { BrokerServices } from '../handlers/handler.js'

/** Who answers: this broker, another one, all of them together, or nobody now. */
export type Place = 'here' | 'everywhere' | 'nobody' | { readonly broker: number }

type Services = Pick<BrokerServices, 'cluster' | 'catalog'>

/** Where a group is coordinated; while there are no groups at all, here. */
export function placeOfGroup(services: Services, group: string): Place {
  return placeOfKey(services, offsetsTopic, group)
}

export function placeOfTransaction(services: Services, transactionalId: string): Place {
  return placeOfKey(services, transactionsTopic, transactionalId)
}

/** Where a partition is led; where there is none, this broker says so. */
export function placeOfPartition({ cluster }: Services, topic: string, partition: number): Place {
  if (!leaderOf(cluster.image, topic, partition)) return 'here'
  return placeOf(cluster, servingLeader(cluster, topic, partition))
}

function placeOfKey({ cluster, catalog }: Services, topic: string, key: string): Place {
  const count = catalog.topic(topic)?.partitionCount ?? 0
  if (count === 0) return 'here'
  return placeOf(cluster, servingLeader(cluster, topic, partitionForGroup(key, count)))
}

function placeOf({ brokerId }: Services['cluster'], leader: number | null): Place {
  if (leader === null) return 'nobody'
  return leader === brokerId ? 'here' : { broker: leader }
}
