import { DescribeProducers, ErrorCode } from '@rivven/protocol'
import { mapInnerInTurns } from '../breath.js'
import type { PartitionLog } from '../log/partition-log.js'
import type { ProducerState } from '../log/state/producer-states.js'
import { handler } from './handler.js'

/** What a partition remembers of its producers, so that operators find a transaction that hangs (KIP-664). */
export const handleDescribeProducers = handler(DescribeProducers, async ({ topics }, { logs, runtime }) => {
  const described = await mapInnerInTurns(
    topics,
    ({ partitionIndexes }) => partitionIndexes,
    runtime.clock,
    (index, { name }) => describe(logs.get(name, index), index),
  )
  return { topics: topics.map(({ name }, at) => ({ name, partitions: described[at] ?? [] })) }
})

function describe(log: PartitionLog | undefined, partitionIndex: number) {
  if (!log) {
    const errorMessage = 'This server does not host this topic-partition.'
    const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    return { partitionIndex, errorCode, errorMessage, activeProducers: [] }
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
