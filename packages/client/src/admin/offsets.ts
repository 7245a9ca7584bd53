import type { Outgoing } from '@rivven/link'
import { errorFromCode, type RivvenError } from '@rivven/link'
import { type Api, DeleteRecords, ErrorCode, ListOffsets, type ResponseOf } from '@rivven/protocol'
import { invalid } from '../options.js'
import type { TopicPartition } from '../topic-partition.js'
import { type AdminCalls, asRequest, groupBy, isRetriableCode, resourceError, throwAny } from './calls.js'
import { topicsOf } from './topics.js'

/** `latest`: behind the last record; `earliest`: the first one; `maxTimestamp`: the record with the largest timestamp. */
export type OffsetTime = 'earliest' | 'latest' | 'maxTimestamp' | number

export interface OffsetQuery extends TopicPartition {
  /** Or milliseconds since 1970: the first record with this timestamp or a later one. */
  timestamp: OffsetTime
}

export interface FoundOffset extends TopicPartition {
  /** -1 when there is no such record. */
  offset: number
  /** Of the record found; -1 for `earliest` and `latest`. */
  timestamp: number
  leaderEpoch: number
}

const specialTimes = { latest: -1, earliest: -2, maxTimestamp: -3 }

export function listOffsets(
  calls: AdminCalls,
  queries: readonly OffsetQuery[],
  isolationLevel: 'read_uncommitted' | 'read_committed',
): Promise<FoundOffset[]> {
  const isolation = isolationLevel === 'read_committed' ? 1 : 0
  return perLeader(calls, 'Listing offsets', queries, {
    api: ListOffsets,
    operation: 'DESCRIBE',
    request: (byTopic) =>
      asRequest(ListOffsets, {
        replicaId: -1,
        isolationLevel: isolation,
        timeoutMs: calls.cluster.requestTimeoutMs,
        topics: byTopic.map(([name, entries]) => ({
          name,
          partitions: entries.map(({ partition, timestamp }) => ({
            partitionIndex: partition,
            timestamp: timeOf(timestamp),
          })),
        })),
      }),
    results: (answer) =>
      answer.topics.flatMap(({ name, partitions }) => partitions.map((entry) => ({ ...entry, topic: name }))),
    found: ({ topic, partitionIndex, offset, timestamp, leaderEpoch }) => {
      return { topic, partition: partitionIndex, offset, timestamp, leaderEpoch }
    },
  })
}

function timeOf(time: OffsetTime): number {
  if (typeof time !== 'number') return specialTimes[time]
  if (Number.isSafeInteger(time) && time >= 0) return time
  throw invalid(`${time} is no timestamp.`, 'Give milliseconds since 1970, or earliest, latest or maxTimestamp.')
}

export interface DeletedRecords extends TopicPartition {
  /** The first offset that is still there. */
  lowWatermark: number
}

/** `offset` -1: all there are now. */
export function deleteRecords(
  calls: AdminCalls,
  before: readonly (TopicPartition & { offset: number })[],
): Promise<DeletedRecords[]> {
  return perLeader(calls, 'Deleting records', before, {
    api: DeleteRecords,
    operation: 'DELETE',
    request: (byTopic) =>
      asRequest(DeleteRecords, {
        timeoutMs: calls.cluster.requestTimeoutMs,
        topics: byTopic.map(([name, entries]) => ({
          name,
          partitions: entries.map(({ partition, offset }) => ({ partitionIndex: partition, offset })),
        })),
      }),
    results: (answer) =>
      answer.topics.flatMap(({ name, partitions }) => partitions.map((entry) => ({ ...entry, topic: name }))),
    found: ({ topic, partitionIndex, lowWatermark }) => ({ topic, partition: partitionIndex, lowWatermark }),
  })
}

/** What a leader says about one partition. */
export interface PartitionResult {
  topic: string
  partitionIndex: number
  errorCode: number
}

/** One kind of question to leaders, and how its answer is read. */
export interface PerLeader<A extends Api, Q, R extends PartitionResult, F> {
  api: A
  request: (byTopic: [topic: string, queries: Q[]][]) => Outgoing<A>
  results: (answer: ResponseOf<A>) => R[]
  found: (result: R) => F
  /** What a user has to be allowed to do. */
  operation: string
}

/** Asks the leader of each partition; asks again about those that have just moved, until all are found or one fails. */
export async function perLeader<A extends Api, Q extends TopicPartition, R extends PartitionResult, F>(
  calls: AdminCalls,
  what: string,
  queries: readonly Q[],
  exchange: PerLeader<A, Q, R, F>,
): Promise<F[]> {
  const done = new Map<string, F>()
  const key = (topic: string, partition: number) => `${topic}/${partition}`
  await calls.retrying(what, async () => {
    const open = queries.filter(({ topic, partition }) => !done.has(key(topic, partition)))
    const leaders = await byLeader(calls, what, open)
    const results = await Promise.all([...leaders].map(([leader, asked]) => askLeader(calls, leader, asked, exchange)))
    const all = results.flat()
    for (const result of all) {
      if (result.errorCode === ErrorCode.NONE)
        done.set(key(result.topic, result.partitionIndex), exchange.found(result))
    }
    await throwPartitionErrors(calls, what, exchange.operation, all)
  })
  return queries.map(({ topic, partition }) => done.get(key(topic, partition))).filter((found) => found !== undefined)
}

async function askLeader<A extends Api, Q extends TopicPartition, R extends PartitionResult, F>(
  calls: AdminCalls,
  leader: number,
  asked: readonly Q[],
  { api, request, results }: PerLeader<A, Q, R, F>,
): Promise<R[]> {
  return results(await calls.cluster.send(leader, api, request([...groupBy(asked, ({ topic }) => topic)])))
}

async function byLeader<Q extends TopicPartition>(
  calls: AdminCalls,
  what: string,
  queries: readonly Q[],
): Promise<Map<number, Q[]>> {
  const names = [...new Set(queries.map(({ topic }) => topic))]
  topicsOf(await calls.cluster.metadata(names), names)
  const homeless = queries.filter(({ topic, partition }) => calls.cluster.leaderOf(topic, partition) === undefined)
  if (homeless.length > 0) await throwHomeless(calls, what, homeless)
  return groupBy(queries, ({ topic, partition }) => calls.cluster.leaderOf(topic, partition)!)
}

/** A partition that the topic does not have is the caller's mistake; one without leader may get one. */
async function throwHomeless(calls: AdminCalls, what: string, homeless: readonly TopicPartition[]): Promise<void> {
  const image = await calls.cluster.metadata([...new Set(homeless.map(({ topic }) => topic))], { isFresh: true })
  throwAny(
    homeless.map(({ topic, partition }): RivvenError => {
      const isThere = image.topics.get(topic)?.partitions.some((entry) => entry.partition === partition)
      const code = isThere ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      const facts = { topic, partition }
      return errorFromCode(code, `${what} of ${topic}/${partition}`, { facts, retriable: isThere ?? false })
    }),
  )
}

async function throwPartitionErrors(
  calls: AdminCalls,
  what: string,
  operation: string,
  results: readonly PartitionResult[],
): Promise<void> {
  const failed = results.filter(({ errorCode }) => errorCode !== ErrorCode.NONE)
  if (failed.length === 0) return
  if (failed.every(({ errorCode }) => isRetriableCode(errorCode))) await calls.cluster.refresh()
  const errors = failed.map((result) => {
    const { topic, partitionIndex: partition } = result
    return resourceError(result, `${what} of ${topic}/${partition}`, { topic, partition, operation })
  })
  const final = errors.filter(({ retriable }) => !retriable)
  throwAny(final.length > 0 ? final : errors)
}
