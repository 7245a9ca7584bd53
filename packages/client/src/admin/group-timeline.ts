import type { GroupWait, RebalanceStory } from '@rivven/groups'
import { errorFromCode, RivvenError } from '@rivven/link'
import { batchesOf, contiguous, ErrorCode, Fetch, partitionForGroup, readRecords } from '@rivven/protocol'
import type { TopicPartition } from '../topic-partition.js'
import { type AdminCalls, asRequest } from './calls.js'
import { listOffsets } from './offsets.js'

/** Where Rivven keeps the story of every rebalance, keyed by group id. */
const rebalancesTopic = '__rivven_rebalances'

export interface TimelineOptions {
  /** Most stories, the newest are taken. Default 20. */
  limit?: number
  /** Only rebalances that ended then or later, in milliseconds since 1970. Default: all. */
  since?: number
}

/** How far back is looked at most, in records of all groups that share the partition. */
const mostRecords = 50_000
/** The first look goes so many records back, each further one four times as many. */
const firstLook = 200

/** The newest version of Fetch that names topics. */
const maxFetchVersion = 12

/** The last rebalances of a group, newest last. Throws UNSUPPORTED_BY_BROKER where none are kept. */
export async function groupTimeline(
  calls: AdminCalls,
  groupId: string,
  { limit = 20, since = 0 }: TimelineOptions,
): Promise<RebalanceStory[]> {
  const place = await placeOf(calls, groupId)
  const [begin, end] = await Promise.all([endOf(calls, place, 'earliest'), endOf(calls, place, 'latest')])
  const horizon = Math.max(begin, end - mostRecords)
  let stories: RebalanceStory[] = []
  let step = firstLook
  for (let upper = end; upper > horizon && stories.length < limit; step *= 4) {
    const lower = Math.max(horizon, upper - step)
    const { oldest, values } = await readBetween(calls, place, lower, upper, groupId)
    stories = [...values.flatMap((value) => storyIn(value, groupId)), ...stories]
    if (oldest < since) break
    upper = lower
  }
  return stories.filter(({ endedAt }, at) => endedAt >= since && !isToldBefore(stories, at)).slice(-limit)
}

/** A broker that got no answer from the one where it wrote a story down has written it once more. */
function isToldBefore(stories: readonly RebalanceStory[], at: number): boolean {
  const story = JSON.stringify(stories[at])
  return stories.slice(0, at).some((earlier) => JSON.stringify(earlier) === story)
}

/**
 * What the group waits for in the rebalance that goes on, as it was noted a few seconds ago. Null: nothing is noted, so it is
 * over or has just begun. Throws UNSUPPORTED_BY_BROKER where no rebalances are kept.
 */
export async function groupWait(calls: AdminCalls, groupId: string): Promise<GroupWait | null> {
  const place = await placeOf(calls, groupId)
  const end = await endOf(calls, place, 'latest')
  const { values } = await readBetween(calls, place, Math.max(0, end - firstLook), end, groupId)
  const newest = values.at(-1)
  return newest ? waitIn(newest, groupId) : null
}

async function placeOf(calls: AdminCalls, groupId: string): Promise<TopicPartition> {
  const image = await calls.cluster.metadata([rebalancesTopic], { isFresh: true })
  const topic = image.topics.get(rebalancesTopic)
  if (!topic || topic.partitions.length === 0) throw notKept(groupId)
  return { topic: rebalancesTopic, partition: partitionForGroup(groupId, topic.partitions.length) }
}

function notKept(groupId: string): RivvenError {
  const text = `No rebalance is recorded in this cluster. Rivven records each, from the first one on, in the topic ${rebalancesTopic}; Apache Kafka records none.`
  return new RivvenError('UNSUPPORTED_BY_BROKER', text, { facts: { group: groupId, topic: rebalancesTopic } })
}

async function endOf(calls: AdminCalls, place: TopicPartition, timestamp: 'earliest' | 'latest'): Promise<number> {
  const [found] = await listOffsets(calls, [{ ...place, timestamp }], 'read_uncommitted')
  return found!.offset
}

interface Look {
  /** Timestamp of the oldest record that was seen, of any group. */
  oldest: number
  /** Values of this group's records, oldest first. */
  values: Buffer[]
}

async function readBetween(
  calls: AdminCalls,
  place: TopicPartition,
  lower: number,
  upper: number,
  key: string,
): Promise<Look> {
  const look: Look = { oldest: Number.POSITIVE_INFINITY, values: [] }
  for (let next = lower; next < upper; ) {
    const records = await fetchFrom(calls, place, next)
    const from = next
    for (const batch of batchesOf(records)) {
      for (const record of readRecords(batch)) {
        if (record.offset < from || record.offset >= upper) continue
        look.oldest = Math.min(look.oldest, record.timestamp)
        if (record.value !== null && record.key?.toString('utf8') === key) look.values.push(record.value)
        next = record.offset + 1
      }
    }
    // Nothing more in a log that was cleaned at its end.
    if (next === from) break
  }
  return look
}

function fetchFrom(calls: AdminCalls, { topic, partition }: TopicPartition, fetchOffset: number): Promise<Buffer> {
  const what = `Reading ${topic}/${partition}`
  return calls.retrying(what, async () => {
    const leader = calls.cluster.leaderOf(topic, partition)
    if (leader === undefined) {
      await calls.cluster.refresh()
      throw errorFromCode(ErrorCode.LEADER_NOT_AVAILABLE, what, { facts: { topic, partition } })
    }
    const partitions = [{ partition, fetchOffset, partitionMaxBytes: 1024 * 1024 }]
    const request = asRequest(Fetch, { replicaId: -1, maxWaitMs: 100, minBytes: 1, topics: [{ topic, partitions }] })
    const answer = await calls.cluster.send(leader, Fetch, request, { maxVersion: maxFetchVersion })
    const found = answer.responses[0]?.partitions[0]
    const code = answer.errorCode || (found?.errorCode ?? ErrorCode.NONE)
    if (code === ErrorCode.NONE) return found?.records ? contiguous(found.records) : Buffer.alloc(0)
    await calls.cluster.refresh()
    throw errorFromCode(code, what, { facts: { topic, partition, broker: leader } })
  })
}

/** The story in a record; what is no story is passed over, it cannot be told. */
function storyIn(value: Buffer, groupId: string): RebalanceStory[] {
  const story = jsonIn(value)
  return isStory(story) && story.groupId === groupId ? [story] : []
}

function waitIn(value: Buffer, groupId: string): GroupWait | null {
  const wait = jsonIn(value) as Partial<GroupWait> | null
  const isWait = wait?.kind === 'waiting' && wait.groupId === groupId && Array.isArray(wait.awaited)
  return isWait ? (wait as GroupWait) : null
}

function jsonIn(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'))
  } catch {
    return null
  }
}

function isStory(value: unknown): value is RebalanceStory {
  if (typeof value !== 'object' || value === null) return false
  const { groupId, endedAt, cause, phases, protocol } = value as Partial<RebalanceStory>
  const hasParts = typeof phases === 'object' && phases !== null && typeof protocol === 'object' && protocol !== null
  return typeof groupId === 'string' && typeof endedAt === 'number' && typeof cause === 'string' && hasParts
}
