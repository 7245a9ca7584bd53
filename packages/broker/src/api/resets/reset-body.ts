import { boolean, int, long, oneOf, optional, text } from '../../config/setting.js'
import { type Given, isObjectOf, needed, type Parameters, value } from '../parameters.js'
import { Problem } from '../problem.js'

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
    'must be a list of { topic, partition, offset } and nothing else: a name, a number, and a number or null',
  ),
  snapshot: optional(
    int(0, 'With `snapshot`: its id. Default: the newest, so that the last change is undone.', { min: 1 }),
  ),
  topics: value(
    areTopics,
    'Which partitions: a list of `{ topic, partitions }`, without `partitions` all of the topic. Default: where the group has committed. Not with `offsets` and `snapshot`, which name them.',
    'must be a list of { topic, partitions } and nothing else: a name, and a list of numbers that may be left out',
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

/** What each target says more with. */
const fieldsOf: Readonly<Record<ResetBody['to'], readonly (keyof ResetBody)[]>> = {
  ...{ earliest: ['topics'], latest: ['topics'], current: ['topics'] },
  ...{ offset: ['topics', 'offset'], shift: ['topics', 'shift'], time: ['topics', 'time'] },
  ...{ offsets: ['offsets'], snapshot: ['snapshot'] },
}

/** Why the fields do not go together: one that is missing, or one of another target, which would be passed over. */
export function misfitOf(body: ResetBody): Problem | undefined {
  const { to } = body
  const isGiven = (field: keyof ResetBody) => body[field] !== undefined
  const own = fieldsOf[to]
  const hasOwn = to !== 'snapshot' && own.some((field) => field === to)
  if (hasOwn && !isGiven(to as keyof ResetBody)) return problemOf(to, `${to} is missing.`)
  const others = new Set(Object.values(fieldsOf).flat())
  const stray = [...others].find((field) => !own.includes(field) && isGiven(field))
  return stray && problemOf(stray, `${stray} does not go with to: ${to}.`)
}

function problemOf(parameter: string, detail: string): Problem {
  return new Problem('INVALID_PARAMETER', detail, { parameter })
}

function areOffsets(given: unknown): given is readonly GivenOffset[] {
  return Array.isArray(given) && given.every(isOffset)
}

function isOffset(given: unknown): given is GivenOffset {
  if (!isObjectOf(['topic', 'partition', 'offset'], given)) return false
  const { topic, partition, offset } = given
  const isPlace = typeof topic === 'string' && isCount(partition)
  return isPlace && (offset === null || isCount(offset))
}

function areTopics(given: unknown): given is readonly GivenTopic[] {
  return Array.isArray(given) && given.every(isTopic)
}

function isTopic(given: unknown): given is GivenTopic {
  if (!isObjectOf(['topic', 'partitions'], given)) return false
  const { topic, partitions } = given
  return (
    typeof topic === 'string' && (partitions === undefined || (Array.isArray(partitions) && partitions.every(isCount)))
  )
}

function isCount(given: unknown): boolean {
  return Number.isSafeInteger(given) && (given as number) >= 0
}
