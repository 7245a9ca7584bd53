import { DescribeProducers, ErrorCode } from '@rivven/protocol'
import { mapInnerInTurns } from '../breath.js'
import type { PartitionLog } from '../log/partition-log.js'
import type { ProducerState } from '../log/state/producer-states.js'
import { handler } from './handler.js'
import { denial } from './rights/denial.js'

/** What a partition remembers of its producers, so that operators find a transaction that hangs (KIP-664). */
export const handleDescribeProducers = handler(DescribeProducers, async ({ topics }, { logs, runtime }, context) => {
  const described = await mapInnerInTurns(
    topics,
    ({ partitionIndexes }) => partitionIndexes,
    runtime.clock,
    (index, { name }) => {
      const denied = denial(context, 'READ', 'TOPIC', name)
      return denied === ErrorCode.NONE ? describe(logs.get(name, index), index) : refused(denied, index)
    },
  )
  return { topics: topics.map(({ name }, at) => ({ name, partitions: described[at] ?? [] })) }
})

function refused(errorCode: number, partitionIndex: number, errorMessage = '') {
  return { partitionIndex, errorCode, errorMessage, activeProducers: [] }
}

function describe(log: PartitionLog | undefined, partitionIndex: number) {
  if (!log) {
    const errorMessage = 'This server does not host this topic-partition.'
    return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, partitionIndex, errorMessage)
  }
  const activeProducers = Array.from(log.producers.producers, ([producerId, state]) => active(producerId, state))
  return { partitionIndex, errorCode: ErrorCode.NONE, errorMessage: null, activeProducers }
}

function active(producerId: number, state: ProducerState) {
  return {
    producerId,
    producerEpoch: state.epoch,
    lastSequence: state.batches.at(-1)?.lastSequence ?? -1,
    lastTimestamp: state.lastTimestamp,
    coordinatorEpoch: state.coordinatorEpoch,
    currentTxnStartOffset: state.transactionFirstOffset,
  }
}
