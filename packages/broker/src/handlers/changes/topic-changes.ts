import {
  AlterPartitionReassignments,
  CreatePartitions,
  CreateTopics,
  DeleteRecords,
  DeleteTopics,
  WriteTxnMarkers,
} from '@rivven/protocol'
import { apiChanges, changesByError, changesOf } from './change-list.js'
import { settingsText } from './config-changes.js'

export const topicChanges = [
  apiChanges(CreateTopics, ({ topics, validateOnly }, answer) => {
    if (validateOnly) return []
    const asked = new Map(topics.map((topic) => [topic.name, topic]))
    return changesOf(answer.topics, ({ name, numPartitions, errorCode }) => {
      const settings = errorCode === 0 ? settingsText(asked.get(name)?.configs ?? []) : ''
      const detail = [numPartitions > 0 ? `${numPartitions} partitions` : '', settings].filter(Boolean).join(', ')
      return { operation: 'CREATE', type: 'TOPIC', name, ...(detail && { detail }) }
    })
  }),
  apiChanges(DeleteTopics, (_, { responses }) =>
    changesOf(responses, ({ name, topicId }) => ({ operation: 'DELETE', type: 'TOPIC', name: name ?? topicId })),
  ),
  apiChanges(CreatePartitions, ({ topics, validateOnly }, { results }) => {
    if (validateOnly) return []
    const counts = new Map(topics.map(({ name, count }) => [name, count]))
    return changesOf(results, ({ name }) => {
      return { operation: 'ALTER', type: 'TOPIC', name, detail: `${counts.get(name)} partitions` }
    })
  }),
  apiChanges(AlterPartitionReassignments, ({ topics }, { responses }) => {
    const wanted = new Map(topics.map(({ name, partitions }) => [name, replicasOf(partitions)]))
    return (responses ?? []).flatMap(({ name, partitions }) =>
      changesByError(partitions ?? [], { operation: 'ALTER', type: 'TOPIC', name }, ({ partitionIndex: partition }) =>
        leaderText(partition, wanted.get(name)?.get(partition)),
      ),
    )
  }),
  apiChanges(DeleteRecords, (_, answer) =>
    answer.topics.flatMap(({ name, partitions }) =>
      changesByError(
        partitions,
        { operation: 'DELETE', type: 'TOPIC', name },
        ({ partitionIndex, lowWatermark }) =>
          `records of partition ${partitionIndex}${lowWatermark < 0 ? '' : ` before ${lowWatermark}`}`,
      ),
    ),
  ),
  // Whoever ends what hangs does it in place of the producer.
  apiChanges(WriteTxnMarkers, ({ markers }, answer) =>
    answer.markers.flatMap(({ producerId, topics }, at) =>
      topics.flatMap(({ name, partitions }) => {
        const ended = `transaction of producer ${producerId} ${markers[at]?.transactionResult ? 'committed' : 'aborted'}`
        const change = { operation: 'ALTER', type: 'TOPIC', name } as const
        return changesByError(partitions, change, ({ partitionIndex }) => `${ended} in partition ${partitionIndex}`)
      }),
    ),
  ),
]

type Replicas = readonly number[] | null

function replicasOf(partitions: readonly { readonly partitionIndex: number; readonly replicas: Replicas }[]) {
  return new Map(partitions.map(({ partitionIndex, replicas }) => [partitionIndex, replicas]))
}

/** The first of the replicas is the leader that is wanted. */
function leaderText(partition: number, replicas: Replicas = null): string {
  return replicas ? `partition ${partition} to broker ${replicas[0]}` : `partition ${partition} to any broker`
}
