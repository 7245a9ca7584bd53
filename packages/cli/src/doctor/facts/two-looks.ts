import type { Admin } from '@rivven/client'
import { type Facts, isUnchanged, paceOf, type TopicFact, unownedPartitions } from '@rivven/doctor'
import type { CommandContext } from '../../context.js'
import { pause } from '../../terminal/pause.js'
import { Stopped } from '../../terminal/stop.js'
import { durationText } from '../../text/durations.js'
import { counted } from '../../text/words.js'
import { type GroupLook, lookAtGroups, withAges } from './group-looks.js'

/** Between two looks, in milliseconds. */
const apartMs = 10_000
/** A rebalance, or a partition without owner, is a finding when it lasts: then it is looked at once more, so long after the first look. */
const patienceMs = { rebalance: 31_000, unowned: 61_000 }

/** A group as it was seen at last, and how it got on since it was first seen; no pace: it was looked at once. */
export interface SeenGroup {
  readonly look: GroupLook
  readonly pace?: Facts['pace']
  /** Milliseconds since 1970. */
  readonly stateSince?: number
}

export async function lookOnce(context: CommandContext, groupIds: readonly string[]): Promise<SeenGroup[]> {
  const looks = await withAges(context, await lookAtGroups(context, groupIds))
  return looks.map((look) => ({ look }))
}

/** Two looks, and a third at what does not seem to settle. */
export async function lookTwice(context: CommandContext, groupIds: readonly string[]): Promise<SeenGroup[]> {
  const { clock } = context.runtime
  const firstAt = clock.now()
  const first = await lookAtGroups(context, groupIds)
  tellPeople(
    context,
    `Looking at ${counted(groupIds.length, 'group')}, and again in ${durationText(apartMs)} (--quick: once).`,
  )
  await pauseUntil(context, first, apartMs)
  const second = await withAges(context, await lookAtGroups(context, groupIds))
  const secondAt = clock.now()
  const isSteady = await stillUnchanged(context, first, second)
  return second.map((look, at) => ({
    look,
    pace: paceOf(first[at]!, look),
    stateSince: isSteady[at] ? firstAt : secondAt,
  }))
}

/** Whether each group has not changed since the first look: up to now, for those in which that is nothing good. */
async function stillUnchanged(
  context: CommandContext,
  first: readonly GroupLook[],
  second: readonly GroupLook[],
): Promise<boolean[]> {
  const topics = await knownTopics(await context.admin())
  const unchanged = second.map((look, at) => isUnchanged(first[at]!, look))
  const doubtful = second.filter((look, at) => unchanged[at] && patienceFor(look, topics) > 0)
  if (doubtful.length === 0) return unchanged
  const patience = Math.max(...doubtful.map((look) => patienceFor(look, topics)))
  tellPeople(context, `Something does not settle: looking once more, ${durationText(patience)} after the first look.`)
  await pauseUntil(context, first, patience)
  const third = await lookAtGroups(
    context,
    doubtful.map(({ group }) => group.groupId),
  )
  const changed = third.filter((look, at) => !isUnchanged(doubtful[at]!, look)).map(({ group }) => group.groupId)
  return unchanged.map((was, at) => was && !changed.includes(second[at]!.group.groupId))
}

/** How long a group must have been as it is before that is a finding; 0: it is well. */
function patienceFor({ group }: GroupLook, topics: readonly TopicFact[]): number {
  if (group.state !== 'Stable') return group.members.length > 0 ? patienceMs.rebalance : 0
  return unownedPartitions(group, topics).length > 0 ? patienceMs.unowned : 0
}

async function knownTopics(admin: Admin): Promise<TopicFact[]> {
  const topics = await admin.listTopics()
  return topics.map(({ name, partitions }) => ({ topic: name, partitionCount: partitions.length, retentionMs: null }))
}

/** Programs that read the output wait without a word. */
function tellPeople({ output, terminal }: CommandContext, text: string): void {
  if (output === 'table' || output === 'wide') terminal.words(`${text}\n`)
}

async function pauseUntil(context: CommandContext, [first]: readonly GroupLook[], afterMs: number): Promise<void> {
  const goneMs = context.runtime.clock.monotonic() - (first?.at ?? Number.NEGATIVE_INFINITY)
  if (goneMs < afterMs && !(await pause(context, afterMs - goneMs))) throw new Stopped()
}
