import { checks } from '@rivven/config'
import { partitionsCheck, type TopicPartition } from '../../topic-partition.js'

const { anyText, fitting, listOf, object, oneOrMany, optional, text, whole } = checks

const most = Number.MAX_SAFE_INTEGER

const wait = fitting('milliseconds, 0 or more', (value) => typeof value === 'number' && value >= 0)

const offsetFields = { topic: text, partition: whole(0), offset: whole(0, most), leaderEpoch: optional(whole(-1)) }

type Place = TopicPartition & { offset: number; leaderEpoch?: number }

const place = object<Place>(offsetFields, { mayHaveMore: true })

const toCommit = object<Place & { metadata?: string }>(
  { ...offsetFields, metadata: optional(anyText) },
  { mayHaveMore: true },
)

const topics = fitting(
  'a name, a list of names or a RegExp that is not too large',
  (value) =>
    (value instanceof RegExp && isCompiled(value)) ||
    (typeof value === 'string' && value !== '') ||
    (Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')),
  "Write subscribe(['orders']); where to begin says the option autoOffsetReset.",
)

/** V8 compiles at the first use, and only then says that a pattern is too large. */
function isCompiled(pattern: RegExp): boolean {
  try {
    new RegExp(pattern).test('')
    return true
  } catch {
    return false
  }
}

const times = object<TopicPartition & { timestamp: number }>(
  { topic: text, partition: whole(0), timestamp: whole(0, most) },
  { mayHaveMore: true },
)

const listenerCalls = ['onPartitionsAssigned', 'onPartitionsRevoked', 'onPartitionsLost']

/** It may be an instance with more in it; but a call that is misspelt would never come. */
const listener = fitting(
  'an object with onPartitionsAssigned, onPartitionsRevoked or onPartitionsLost, or null',
  (value) => value === null || isListener(Object(value)),
)

function isListener(value: Record<string, unknown>): boolean {
  const isNoOther = (name: string) => !/^on[A-Z]/.test(name) || listenerCalls.includes(name)
  return listenerCalls.some((name) => typeof value[name] === 'function') && Object.keys(value).every(isNoOther)
}

/** What the calls of Consumer take, by the names of their arguments. */
export const consumerCalls = {
  subscribe: { topics },
  assign: { partitions: partitionsCheck },
  setRebalanceListener: { listener },
  poll: { timeoutMs: optional(wait) },
  commit: { handled: optional(oneOrMany(place)) },
  commitOffsets: { offsets: listOf(toCommit, 'Write commitOffsets([{ topic, partition, offset }]).') },
  seek: { place },
  seekToBeginning: { partitions: optional(partitionsCheck) },
  seekToEnd: { partitions: optional(partitionsCheck) },
  seekToCommitted: { partitions: optional(partitionsCheck) },
  pause: { partitions: optional(partitionsCheck) },
  resume: { partitions: optional(partitionsCheck) },
  committed: { partitions: optional(partitionsCheck) },
  beginningOffsets: { partitions: partitionsCheck },
  endOffsets: { partitions: partitionsCheck },
  offsetsForTimes: { times: listOf(times, 'Write [{ topic, partition, timestamp }].') },
  close: { options: optional(object<{ timeoutMs?: number }>({ timeoutMs: optional(wait) })) },
} as const
