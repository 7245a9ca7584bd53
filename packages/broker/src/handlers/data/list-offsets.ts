import { ErrorCode, ListOffsets, type ListOffsetsRequest, type ListOffsetsResponse } from '@rivven/protocol'
import { askInnerInTurns, Breath } from '../../breath.js'
import type { PartitionView } from '../../log/partition-log.js'
import { handler } from '../handler.js'
import { withoutRepeats } from '../repeats.js'
import { denial } from '../rights/denial.js'
import { epochFault } from './epoch-fault.js'

/** Times that are none: what to look for instead, and the version of ListOffsets that has it (data-plane.md §10). */
const LATEST = -1
const EARLIEST = -2
const MAX_TIMESTAMP = -3
const EARLIEST_LOCAL = -4
const LATEST_TIERED = -5
const EARLIEST_PENDING_UPLOAD = -6
const sinceVersion = new Map([
  [LATEST, 1],
  [EARLIEST, 1],
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
])
const READ_COMMITTED = 1

type Asked = ListOffsetsRequest['topics'][number]['partitions'][number]
type Found = ListOffsetsResponse['topics'][number]['partitions'][number]

interface AskedTopic {
  readonly name: string
  readonly denied: number
  /** Its partitions, each once, and those that are named again. */
  readonly firsts: readonly Asked[]
  readonly twice: ReadonlySet<number>
}

export const handleListOffsets = handler(ListOffsets, async (request, { partitions: led, runtime }, context) => {
  const breath = new Breath(runtime.clock)
  const topics: AskedTopic[] = []
  for (const { name, partitions } of request.topics) {
    const denied = denial(context, 'DESCRIBE', 'TOPIC', name)
    topics.push({ name, denied, ...(await withoutRepeats(partitions, indexOf, breath)) })
  }
  const isCommitted = request.isolationLevel === READ_COMMITTED
  const look = (asked: Asked, { name, denied, twice }: AskedTopic): Found | Promise<Found> => {
    if (denied !== ErrorCode.NONE) return refused(asked, denied)
    if (twice.has(asked.partitionIndex)) return refused(asked, ErrorCode.INVALID_REQUEST)
    const log = led.view(name, asked.partitionIndex)
    return log
      ? find(log, asked, isCommitted, context.apiVersion)
      : refused(asked, led.faultOf(name, asked.partitionIndex))
  }
  await led.allComing(() => topics.map(({ name, firsts }) => [name, firsts.map(indexOf)]))
  const found = await askInnerInTurns(topics, ({ firsts }) => firsts, runtime.clock, look)
  return { topics: topics.map(({ name }, at) => ({ name, partitions: found[at] ?? [] })) }
})

function indexOf({ partitionIndex }: Asked): number {
  return partitionIndex
}

function refused({ partitionIndex }: Asked, errorCode: number): Found {
  return { partitionIndex, errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 }
}

async function find(log: PartitionView, asked: Asked, isCommitted: boolean, apiVersion: number): Promise<Found> {
  const { timestamp } = asked
  if (timestamp < 0 && apiVersion < (sinceVersion.get(timestamp) ?? Number.POSITIVE_INFINITY)) {
    return refused(asked, ErrorCode.UNSUPPORTED_VERSION)
  }
  const fault = epochFault(log, asked.currentLeaderEpoch)
  if (fault !== ErrorCode.NONE) return refused(asked, fault)
  const end = isCommitted ? log.lastStableOffset : log.highWatermark
  const at = (offset: number, leaderEpoch: number): Found => ({
    ...refused(asked, ErrorCode.NONE),
    offset,
    leaderEpoch,
  })
  switch (timestamp) {
    case LATEST:
      return at(end, log.leaderEpoch)
    case EARLIEST:
    case EARLIEST_LOCAL:
      return at(log.logStartOffset, log.epochOfOffset(log.logStartOffset))
    case LATEST_TIERED:
    case EARLIEST_PENDING_UPLOAD:
      return refused(asked, ErrorCode.NONE)
    default:
      return byTime(log, asked, end)
  }
}

/** No match, or one that cannot be read yet, is -1 with no error. */
async function byTime(log: PartitionView, asked: Asked, end: number): Promise<Found> {
  const isMax = asked.timestamp === MAX_TIMESTAMP
  const found = await (isMax ? log.offsetOfMaxTimestamp() : log.offsetForTimestamp(asked.timestamp))
  if (!found || found.offset >= end) return refused(asked, ErrorCode.NONE)
  const { offset, timestamp, leaderEpoch } = found
  return { partitionIndex: asked.partitionIndex, errorCode: ErrorCode.NONE, timestamp, offset, leaderEpoch }
}
