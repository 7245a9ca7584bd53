import {
  ErrorCode,
  ListPartitionReassignments,
  type ListPartitionReassignmentsRequest,
  type ListPartitionReassignmentsResponse,
} from '@rivven/protocol'
import { mapInTurns } from '../../breath.js'
import type { TopicImage } from '../../cluster/image.js'
import { type BrokerServices, handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'
import { replicaLists } from './topic-partitions.js'

type Listed = ListPartitionReassignmentsResponse['topics'][number]

/** What brokers give away to others, as if replicas moved with the leader (KIP-455); with one broker nothing ever is. */
export const handleListPartitionReassignments = handler(
  ListPartitionReassignments,
  async ({ topics }, services, context) => {
    const errorCode = clusterDenial(context, 'DESCRIBE')
    if (errorCode !== ErrorCode.NONE) {
      return { errorCode, errorMessage: 'This needs DESCRIBE on the cluster.', topics: named(topics) }
    }
    const { cluster, runtime } = services
    const targets = new Map(cluster.moves.map(({ partId, to }) => [partId, to]))
    if (targets.size === 0) return { errorCode, errorMessage: null, topics: [] }
    const asked = topics && new Map(topics.map(({ name, partitionIndexes }) => [name, new Set(partitionIndexes)]))
    const listed = await mapInTurns([...cluster.image.topics.values()], runtime.clock, (topic) =>
      movesOf(topic, targets, services, asked?.get(topic.name) ?? (asked ? none : undefined)),
    )
    return { errorCode, errorMessage: null, topics: listed.filter(({ partitions }) => partitions.length > 0) }
  },
)

const none: ReadonlySet<number> = new Set()

/** Of those that are `asked` for; undefined: of all. */
function movesOf(
  { name, partitions }: TopicImage,
  targets: ReadonlyMap<number, number>,
  { catalog, cluster }: Pick<BrokerServices, 'catalog' | 'cluster'>,
  asked: ReadonlySet<number> | undefined,
): Listed {
  const replicasOf = replicaLists([...cluster.image.brokers.keys()], catalog.topic(name)?.replicationFactor ?? 1)
  const listed = partitions.flatMap(({ partId, leader }, partitionIndex) => {
    const target = targets.get(partId)
    if (target === undefined || asked?.has(partitionIndex) === false) return []
    const [before, after] = [replicasOf(leader), replicasOf(target)]
    const addingReplicas = after.filter((id) => !before.includes(id))
    const removingReplicas = before.filter((id) => !after.includes(id))
    return [{ partitionIndex, replicas: [...after, ...removingReplicas], addingReplicas, removingReplicas }]
  })
  return { name, partitions: listed }
}

/** As Kafka has it: a refusal names what was asked for. */
function named(topics: ListPartitionReassignmentsRequest['topics']) {
  const nothing = { replicas: [], addingReplicas: [], removingReplicas: [] }
  return (topics ?? []).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, ...nothing })),
  }))
}
