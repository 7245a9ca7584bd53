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
/**
 * What is only a finding when it lasts is looked at once more, so long after the first look: a rebalance, a partition without owner,
 * and one that stands, for many groups commit no more than once in half a minute.
 */
const patienceMs = { rebalance: 31_000, unowned: 61_000, standing: 61_000 }

/** A group as it was seen at last, and how it got on since it was first seen; no pace: it was looked at once. */
export interface SeenGroup {
  readonly look: GroupLook
  readonly pace?: Facts['pace']
  /** Milliseconds since 1970. */
  readonly stateSince?: number
}

interface SeenTwice extends Required<SeenGroup> {
  readonly first: GroupLook
}

export async function lookOnce(context: CommandContext, groupIds: readonly string[]): Promise<SeenGroup[]> {
  const looks = await withAges(context, await lookAtGroups(context, groupIds))
  return looks.map((look) => ({ look }))
}

/** Two looks, and a third at what does not seem to settle. */
export async function lookTwice(context: CommandContext, groupIds: readonly string[]): Promise<SeenGroup[]> {
  const firstAt = context.runtime.clock.now()
  const first = await lookAtGroups(context, groupIds)
  tellPeople(
    context,
    `Looking at ${counted(groupIds.length, 'group')}, and again in ${durationText(apartMs)} (--quick: once).`,
  )
  const seen = await lookAgain(
    context,
    first.map((look) => ({ first: look, since: firstAt })),
    apartMs,
  )
  const topics = await knownTopics(await context.admin())
  const doubtful = seen.filter((group) => patienceFor(group, topics) > 0)
  if (doubtful.length === 0) return seen
  const patience = Math.max(...doubtful.map((group) => patienceFor(group, topics)))
  tellPeople(context, `Something does not settle: looking once more, ${durationText(patience)} after the first look.`)
  const known = doubtful.map(({ first, stateSince }) => ({ first, since: stateSince }))
  const last = new Map((await lookAgain(context, known, patience)).map((group) => [group.look.group.groupId, group]))
  return seen.map((group) => last.get(group.look.group.groupId) ?? group)
}

/** Looks so long after the first look; `since` is when each group came to be as it was seen at last. */
async function lookAgain(
  context: CommandContext,
  known: readonly { first: GroupLook; since: number }[],
  afterMs: number,
): Promise<SeenTwice[]> {
  const { clock } = context.runtime
  const goneMs = clock.monotonic() - (known[0]?.first.at ?? Number.NEGATIVE_INFINITY)
  if (goneMs < afterMs && !(await pause(context, afterMs - goneMs))) throw new Stopped()
  const groupIds = known.map(({ first }) => first.group.groupId)
  const looks = await withAges(context, await lookAtGroups(context, groupIds))
  return looks.map((look, at) => {
    const { first, since } = known[at]!
    return { first, look, pace: paceOf(first, look), stateSince: isUnchanged(first, look) ? since : clock.now() }
  })
}

/** For how long this must go on before it is a finding; 0: it is well. */
function patienceFor({ look, first, pace }: SeenTwice, topics: readonly TopicFact[]): number {
  const { group } = look
  if (group.members.length === 0) return 0
  const stands = pace.some(({ status }) => status === 'STALL' || status === 'STOP')
  const isSteady = isUnchanged(first, look)
  if (stands) return patienceMs.standing
  if (isSteady && unownedPartitions(group, topics).length > 0) return patienceMs.unowned
  return isSteady && group.state !== 'Stable' ? patienceMs.rebalance : 0
}

async function knownTopics(admin: Admin): Promise<TopicFact[]> {
  const topics = await admin.listTopics()
  return topics.map(({ name, partitions }) => ({ topic: name, partitionCount: partitions.length, retentionMs: null }))
}

/** Programs that read the output wait without a word. */
function tellPeople({ output, terminal }: CommandContext, text: string): void {
  if (output === 'table' || output === 'wide') terminal.words(`${text}\n`)
}
