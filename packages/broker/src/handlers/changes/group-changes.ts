import { DeleteGroups, OffsetCommit, OffsetDelete, ZERO_UUID } from '@rivven/protocol'
import { apiChanges, changesByError, changesOf } from './change-list.js'

const NO_GENERATION = -1

export const groupChanges = [
  apiChanges(DeleteGroups, (_, { results }) =>
    changesOf(results, ({ groupId: name }) => ({ operation: 'DELETE', type: 'GROUP', name })),
  ),
  apiChanges(OffsetDelete, ({ groupId: name }, answer) => {
    const whole = { operation: 'DELETE', type: 'GROUP', name } as const
    if (answer.errorCode !== 0) return changesOf([answer], () => ({ ...whole, detail: 'offsets' }))
    return changesByError(partitionsOf(answer), whole, ({ place }) => `offset of ${place}`)
  }),
  // By nobody's hand in the group: an operator moves its offsets, or a consumer without a group does what it does all day.
  apiChanges(OffsetCommit, ({ groupId: name, memberId, generationIdOrMemberEpoch, topics }, answer) => {
    if (memberId !== '' || generationIdOrMemberEpoch !== NO_GENERATION) return []
    const whole = { operation: 'ALTER', type: 'GROUP', name, isFrequent: true } as const
    const offsets = new Map(partitionsOf({ topics }).map(({ key, committedOffset }) => [key, committedOffset]))
    return changesByError(partitionsOf(answer), whole, ({ key, place }) => `${place} to ${offsets.get(key)}`)
  }),
]

interface Topic<Partition> {
  readonly name: string
  readonly topicId?: string
  readonly partitions: readonly Partition[]
}

/** Every partition, with a name for readers, and a key that is the same in a request and its answer. */
function partitionsOf<Partition extends { readonly partitionIndex: number }>({
  topics,
}: {
  readonly topics: readonly Topic<Partition>[]
}) {
  return topics.flatMap(({ name, topicId = ZERO_UUID, partitions }) =>
    partitions.map((partition) => ({
      ...partition,
      place: `${name === '' ? topicId : name}-${partition.partitionIndex}`,
      key: `${topicId === ZERO_UUID ? name : topicId}-${partition.partitionIndex}`,
    })),
  )
}
