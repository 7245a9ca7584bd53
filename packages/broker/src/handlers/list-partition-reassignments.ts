import { ErrorCode, ListPartitionReassignments, type ListPartitionReassignmentsRequest } from '@rivven/protocol'
import { handler } from './handler.js'
import { clusterDenial } from './rights/denial.js'

/** With one broker nothing is ever being moved. */
export const handleListPartitionReassignments = handler(
  ListPartitionReassignments,
  ({ topics }, _services, context) => {
    const errorCode = clusterDenial(context, 'DESCRIBE')
    if (errorCode === ErrorCode.NONE) return { errorCode, errorMessage: null, topics: [] }
    return { errorCode, errorMessage: 'This needs DESCRIBE on the cluster.', topics: asked(topics) }
  },
)

/** As Kafka has it: a refusal names what was asked for. */
function asked(topics: ListPartitionReassignmentsRequest['topics']) {
  const nothing = { replicas: [], addingReplicas: [], removingReplicas: [] }
  return (topics ?? []).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, ...nothing })),
  }))
}
