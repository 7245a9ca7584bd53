import { DescribeProducers, ErrorCode } from '@rivven/protocol'
import { mapInnerInTurns } from '../../breath.js'
import type { PartitionView } from '../../log/partition-log.js'
import type { ProducerState } from '../../log/state/producer-states.js'
import { handler } from '../handler.js'
import { denial } from '../rights/denial.js'

/** What a partition remembers of its producers, so that operators find a transaction that hangs (KIP-664). */
export const handleDescribeProducers = handler(
  DescribeProducers,
  async ({ topics }, { partitions, runtime }, context) => {
    await partitions.allComing(() => topics.map(({ name, partitionIndexes }) => [name, partitionIndexes]))
    const described = await mapInnerInTurns(
      topics,
      ({ partitionIndexes }) => partitionIndexes,
      runtime.clock,
      (index, { name }) => {
        const denied = denial(context, 'READ', 'TOPIC', name)
        if (denied !== ErrorCode.NONE) return refused(denied, index)
        const log = partitions.view(name, index)
        return log ? describe(log, index) : refused(partitions.faultOf(name, index), index, notHere)
      },
    )
    return { topics: topics.map(({ name }, at) => ({ name, partitions: described[at] ?? [] })) }
  },
)

const notHere = 'This server does not host this topic-partition.'

function refused(errorCode: number, partitionIndex: number, errorMessage = '') {
  return { partitionIndex, errorCode, errorMessage, activeProducers: [] }
}

function describe(log: PartitionView, partitionIndex: number) {
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
