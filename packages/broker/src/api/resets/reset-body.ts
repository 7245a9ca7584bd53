import { boolean, int, long, oneOf, optional, text } from '../../config/setting.js'
import { type Given, needed, type Parameters, value } from '../parameters.js'

export interface GivenOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number | null
}

export interface GivenTopic {
  readonly topic: string
  readonly partitions?: readonly number[]
}

/** Nobody waits for longer; the group's own time for a rebalance may be less. */
export const longestHandoverMs = 600_000

const targets = ['earliest', 'latest', 'current', 'offset', 'shift', 'time', 'offsets', 'snapshot'] as const

/** What a reset is asked for with. */
export const resetBody = {
  to: needed(
    oneOf(
      targets,
      'current',
      'Where to. `offset`, `shift`, `time`, `offsets` and `snapshot` say more in the field of that name.',
    ),
  ),
  offset: optional(long(0, 'With `offset`: of each partition.', { min: 0 })),
  shift: optional(long(0, 'With `shift`: so many records on, or back where it is below 0.')),
  time: optional(long(0, 'With `time`: the first record that is not older, in milliseconds since 1970.', { min: 0 })),
  offsets: value(
    areOffsets,
    'With `offsets`: a list of `{ topic, partition, offset }`. An offset of null forgets what is committed.',
  ),
  snapshot: optional(
    int(0, 'With `snapshot`: its id. Default: the newest, so that the last change is undone.', { min: 1 }),
  ),
  topics: value(
    areTopics,
    'Which partitions: a list of `{ topic, partitions }`, without `partitions` all of the topic. Default: where the group has committed. Not with `offsets` and `snapshot`, which name them.',
  ),
  live: boolean(false, 'Also where the group has members: they hand over first. Else that is refused.'),
  handoverMs: int(
    30_000,
    'How long members have to hand over, at most as long as a rebalance of the group may take. Whoever has not by then is put out. 0: all are.',
    { min: 0, max: longestHandoverMs },
  ),
  dryRun: boolean(false, 'Only say what would be done.'),
  ifUnchanged: text(
    '',
    'The `fingerprint` of a plan: do it only if the offsets are the same, and there are no members.',
  ),
  force: boolean(false, 'Also where commits of transactions may come that no generation fences.'),
  create: boolean(false, 'Make the group where there is none.'),
  reason: text('', 'Why, for the timeline of the group and its snapshots.'),
} as const satisfies Parameters

export type ResetBody = Given<typeof resetBody>

function areOffsets(given: unknown): given is readonly GivenOffset[] {
  return Array.isArray(given) && given.every(isOffset)
}

function isOffset(given: unknown): given is GivenOffset {
  const { topic, partition, offset } = Object(given) as Partial<GivenOffset>
  const isPlace = typeof topic === 'string' && isCount(partition)
  return isPlace && (offset === null || isCount(offset))
}

function areTopics(given: unknown): given is readonly GivenTopic[] {
  return Array.isArray(given) && given.every(isTopic)
}

function isTopic(given: unknown): given is GivenTopic {
  const { topic, partitions } = Object(given) as Partial<GivenTopic>
  return (
    typeof topic === 'string' && (partitions === undefined || (Array.isArray(partitions) && partitions.every(isCount)))
  )
}

function isCount(given: unknown): boolean {
  return Number.isSafeInteger(given) && (given as number) >= 0
}
