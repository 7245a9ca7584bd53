import { ErrorCode } from '@rivven/protocol'
import type { Topic } from '../../catalog/catalog.js'
import type { ClusterImage, TopicImage } from '../../cluster/image.js'
import type { BrokerServices } from '../handler.js'

export interface DescribedPartition {
  errorCode: number
  partitionIndex: number
  leaderId: number
  leaderEpoch: number
  replicaNodes: number[]
  isrNodes: number[]
  offlineReplicas: number[]
}

/** Topics with fewer are described faster than they are looked up. */
const KEPT_FROM = 16
/** What is known of a topic never changes, a changed topic is another; its replicas depend on the brokers as well. */
const kept = new WeakMap<TopicImage, { readonly brokers: ClusterImage['brokers']; readonly described: Described }>()
type Described = readonly DescribedPartition[]

/**
 * All partitions of a topic. Every client asks for them when it starts: those of a large topic are described once, and, frozen,
 * encoded once (100 members of a topic with 1,000 partitions that start together: 20 ms of the broker's time less).
 */
export function describeAllPartitions(topic: Topic, services: BrokerServices): Described {
  const { image, isServing } = services.cluster
  const { brokers } = image
  const known = isServing ? image.topics.get(topic.name) : undefined
  const before = known && kept.get(known)
  if (before?.brokers === brokers) return before.described
  const described = describePartitions(topic, services, 0, topic.partitionCount)
  const isComplete = described.every(({ errorCode }) => errorCode === ErrorCode.NONE)
  if (known && isComplete && described.length >= KEPT_FROM) {
    kept.set(known, { brokers, described: Object.freeze(described) })
  }
  return described
}

/** Partitions `from` to `to` (exclusive) of a topic. */
export function describePartitions(
  topic: Topic,
  { cluster }: BrokerServices,
  from: number,
  to: number,
): DescribedPartition[] {
  const partitions = cluster.image.topics.get(topic.name)?.partitions ?? []
  const nodesOf = replicaLists([...cluster.image.brokers.keys()], topic.replicationFactor ?? 1)
  const described: DescribedPartition[] = []
  for (let partitionIndex = from; partitionIndex < to; partitionIndex++) {
    const { leader: known, epoch } = partitions[partitionIndex] ?? nobody
    const leader = mayLead(known, cluster) ? known : null
    const nodes = nodesOf(known)
    described.push({
      errorCode: leader === null ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.NONE,
      partitionIndex,
      leaderId: leader ?? -1,
      leaderEpoch: epoch,
      replicaNodes: nodes,
      isrNodes: nodes,
      offlineReplicas: noNodes,
    })
  }
  return described
}

/** One who is gone leads until somebody else does, but not in the eyes of clients; nor does this broker where it may have been replaced. */
function mayLead(leader: number | null, { image, brokerId, isServing }: BrokerServices['cluster']): boolean {
  return leader !== null && image.brokers.has(leader) && (leader !== brokerId || isServing)
}

const nobody = { leader: null, epoch: -1 }
const noNodes: number[] = []

/**
 * Who may serve a partition next: its leader, and behind it those with the next ids. Each list once, however many partitions
 * have it.
 */
export function replicaLists(
  brokers: readonly number[],
  replicationFactor: number,
): (leader: number | null) => number[] {
  const lists = new Map<number | null, number[]>([[null, noNodes]])
  return (leader) => {
    const known = lists.get(leader)
    if (known) return known
    const others = brokers.filter((id) => id !== leader)
    const next = others.findIndex((id) => id > (leader as number))
    const inTurn = next < 0 ? others : [...others.slice(next), ...others.slice(0, next)]
    const list = [leader as number, ...inTurn.slice(0, replicationFactor - 1)]
    lists.set(leader, list)
    return list
  }
}
