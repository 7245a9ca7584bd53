import { ErrorCode, ListOffsets, type ListOffsetsRequest } from '@rivven/protocol'
import type { Peers } from './peers.js'

export interface PartitionPlace {
  readonly topic: string
  readonly partition: number
}

type AskedTopic = ListOffsetsRequest['topics'][number]

/** Instead of a time: the first offset that is there, and the high watermark. */
export const earliest = -2
export const latest = -1

/** More partitions go as several requests: a broker limits how many elements one has. */
const mostAtOnce = 20_000

/**
 * Asks other brokers for offsets in partitions that they lead. `found` is called for each that has one; of whose leader does not
 * answer nothing is heard. Resolves when all have answered, or did not in time.
 */
export async function askOffsets(
  peers: Pick<Peers, 'ask'>,
  byLeader: ReadonlyMap<number, readonly PartitionPlace[]>,
  timestamp: number,
  found: (topic: string, partition: number, offset: number) => void,
): Promise<void> {
  const askOne = async (leader: number, places: readonly PartitionPlace[]) => {
    const request = { topics: topicsOf(places, timestamp) }
    const answer = await peers.ask(leader, 'questions', ListOffsets, request).catch(() => undefined)
    for (const { name, partitions } of answer?.topics ?? [])
      for (const { partitionIndex, errorCode, offset } of partitions)
        if (errorCode === ErrorCode.NONE && offset >= 0) found(name, partitionIndex, offset)
  }
  const asking = Array.from(byLeader, ([leader, places]) => chunksOf(places).map((chunk) => askOne(leader, chunk)))
  await Promise.all(asking.flat())
}

function chunksOf(places: readonly PartitionPlace[]): PartitionPlace[][] {
  const chunks: PartitionPlace[][] = []
  for (let at = 0; at < places.length; at += mostAtOnce) chunks.push(places.slice(at, at + mostAtOnce))
  return chunks
}

function topicsOf(places: readonly PartitionPlace[], timestamp: number): AskedTopic[] {
  const topics = new Map<string, AskedTopic>()
  for (const { topic: name, partition: partitionIndex } of places) {
    const asked = topics.get(name) ?? { name, partitions: [] }
    topics.set(name, asked)
    asked.partitions.push({ partitionIndex, currentLeaderEpoch: -1, timestamp })
  }
  return [...topics.values()]
}
