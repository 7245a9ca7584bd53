import { asRivvenError, errorFromCode, type RivvenError } from '@rivven/link'
import { ErrorCode, ListOffsets, OffsetForLeaderEpoch } from '@rivven/protocol'
import type { Cluster } from '../../net/cluster.js'
import { leaderEpochIn } from '../../net/cluster-image.js'
import { byTopic, partitionKey, type TopicPartition } from '../../topic-partition.js'
import { answeredOffset } from './answered-offset.js'

/** Answers by partition key: a value, or why there is none. */
export type LeaderAnswers<Value> = Map<string, Value | RivvenError>

/** What one leader has answered, or why it has not. */
export type Came<Value> = (answers: LeaderAnswers<Value>) => void

export interface FoundOffset {
  /** -1: no record matches. */
  offset: number
  timestamp: number
  leaderEpoch: number
}

export interface OffsetQuestion extends TopicPartition {
  /** Milliseconds since 1970, or one of `latestTimestamp` and `earliestTimestamp`. */
  timestamp: number
}

export const latestTimestamp = -1
export const earliestTimestamp = -2

/** Asks each partition's leader for offsets by timestamp, once. `came` is told of what each leader answers when it does. */
export function listOffsets(
  cluster: Cluster,
  questions: readonly OffsetQuestion[],
  isolationLevel: number,
  came?: Came<FoundOffset>,
): Promise<LeaderAnswers<FoundOffset>> {
  const what = { what: 'Asking for offsets', came }
  return askLeaders<OffsetQuestion, FoundOffset>(cluster, questions, what, async (broker, asked) => {
    const topics = () =>
      [...byTopic(asked)].map(([name, partitions]) => ({
        name,
        partitions: partitions.map((place) => {
          const currentLeaderEpoch = leaderEpochIn(cluster.image, place)
          return { partitionIndex: place.partition, timestamp: place.timestamp, currentLeaderEpoch }
        }),
      }))
    const { requestTimeoutMs: timeoutMs } = cluster
    const answer = await cluster.send(broker, ListOffsets, () => {
      return { replicaId: -1, isolationLevel, topics: topics(), timeoutMs }
    })
    return answer.topics.flatMap(({ name, partitions }) =>
      partitions.map((entry) => {
        const place = { topic: name, partition: entry.partitionIndex }
        return { ...place, code: entry.errorCode, value: { ...entry, offset: answeredOffset(entry.offset, place) } }
      }),
    )
  })
}

export interface EpochQuestion extends TopicPartition {
  leaderEpoch: number
}

export interface EpochEnd {
  leaderEpoch: number
  endOffset: number
}

/** Asks each partition's leader where an epoch ended in its log (KIP-101, KIP-320), once; `came` as with `listOffsets`. */
export function epochEnds(
  cluster: Cluster,
  questions: readonly EpochQuestion[],
  came?: Came<EpochEnd>,
): Promise<LeaderAnswers<EpochEnd>> {
  const what = { what: 'Checking the position', came }
  return askLeaders<EpochQuestion, EpochEnd>(cluster, questions, what, async (broker, asked) => {
    const topics = () =>
      [...byTopic(asked)].map(([topic, partitions]) => ({
        topic,
        partitions: partitions.map(({ partition, leaderEpoch }) => {
          return { partition, leaderEpoch, currentLeaderEpoch: leaderEpochIn(cluster.image, { topic, partition }) }
        }),
      }))
    const answer = await cluster.send(broker, OffsetForLeaderEpoch, () => ({ replicaId: -1, topics: topics() }))
    return answer.topics.flatMap(({ topic, partitions }) =>
      partitions.map((entry) => ({ topic, partition: entry.partition, code: entry.errorCode, value: entry })),
    )
  })
}

interface LeaderAnswer<Value> extends TopicPartition {
  code: number
  value: Value
}

/**
 * Sends each leader what concerns its partitions; a broker that fails answers its questions with its error. One that hangs holds
 * up the others' answers only for those who wait for all. Questions are put into a request when it leaves: while a connection was
 * opened a leader's epoch may have risen, and none that was told may go back.
 */
async function askLeaders<Question extends TopicPartition, Value>(
  cluster: Cluster,
  questions: readonly Question[],
  { what, came }: { what: string; came: Came<Value> | undefined },
  ask: (broker: number, questions: readonly Question[]) => Promise<LeaderAnswer<Value>[]>,
): Promise<LeaderAnswers<Value>> {
  const answers: LeaderAnswers<Value> = new Map()
  const byLeader = new Map<number, Question[]>()
  for (const question of questions) {
    const { topic, partition } = question
    const leader = cluster.leaderOf(topic, partition)
    const known = leader === undefined ? undefined : byLeader.get(leader)
    answers.set(partitionKey(topic, partition), noAnswer(what, question))
    if (known) known.push(question)
    else if (leader !== undefined) byLeader.set(leader, [question])
  }
  await Promise.all(
    [...byLeader].map(async ([broker, asked]) => {
      const own: LeaderAnswers<Value> = new Map()
      try {
        for (const { topic, partition, code, value } of await ask(broker, asked)) {
          const facts = { topic, partition, broker, operation: 'DESCRIBE' }
          const error = () => errorFromCode(code, `${what} of ${topic}/${partition}`, { facts })
          own.set(partitionKey(topic, partition), code === ErrorCode.NONE ? value : error())
        }
      } catch (error) {
        for (const { topic, partition } of asked) own.set(partitionKey(topic, partition), asRivvenError(error, what))
      }
      for (const [key, answer] of own) answers.set(key, answer)
      came?.(own)
    }),
  )
  return answers
}

/** Stands until the leader, if there is one, has answered. */
function noAnswer(what: string, { topic, partition }: TopicPartition): RivvenError {
  const facts = { topic, partition }
  return errorFromCode(ErrorCode.LEADER_NOT_AVAILABLE, `${what} of ${topic}/${partition}`, { facts })
}
