import type { AbortedFilter } from '@rivven/protocol'
import { buildBatch, type RecordToWrite } from '@rivven/protocol'
import { FetchedChunk } from '../../../src/consumer/fetch/fetched-chunk.js'
import { PartitionState } from '../../../src/consumer/state/partition-state.js'

interface BatchToMake {
  baseOffset: number
  count?: number
  /** With a producer id the batch is transactional. */
  producerId?: number
  leaderEpoch?: number
}

/** A batch as a broker would send it. */
export function batch({ baseOffset, count = 1, producerId, leaderEpoch = 0 }: BatchToMake): Buffer {
  const records: RecordToWrite[] = Array.from({ length: count }, (_, at) => {
    return { key: null, value: Buffer.from(`${baseOffset + at}`), timestamp: 1000 + at }
  })
  const transactional =
    producerId === undefined ? {} : { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true }
  return buildBatch({ records, baseOffset, partitionLeaderEpoch: leaderEpoch, ...transactional })
}

export function chunk(records: Buffer, from = 0, aborted: AbortedFilter | null = null): FetchedChunk {
  return new FetchedChunk({ topic: 't', partition: 0, records, position: { offset: from, leaderEpoch: -1 }, aborted })
}

/** All offsets that the chunk gives out, taken in portions. */
export function offsetsOf(fetched: FetchedChunk, portion = 100): number[] {
  const out: Parameters<FetchedChunk['take']>[1] = []
  while (!fetched.isDone) fetched.take(portion, out)
  return out.map(({ offset }) => offset)
}

/** An assigned partition that reads from offset 0 on. */
export function stateOf(partition: number, offset = 0): PartitionState {
  const state = new PartitionState('t', partition)
  state.jump({ offset, leaderEpoch: -1 })
  return state
}
