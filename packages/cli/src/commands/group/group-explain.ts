import type { Admin, GroupDescription, GroupWait, RebalanceStory } from '@rivven/client'
import type { CommandContext } from '../../context.js'
import { tellRebalance, whyText } from '../../explain/last-rebalance.js'
import { type RecentPast, recentPast, tellPast } from '../../explain/patterns.js'
import { freshWait, tellWait, waitIn } from '../../explain/waits.js'
import { UsageError } from '../../failure.js'
import { printable, renderValue } from '../../text/output.js'
import { counted } from '../../text/words.js'
import { noStories, storiesOf } from './group-timeline.js'

export interface ExplainOptions {
  since?: (now: number) => number
}

/** How far back patterns are looked for, unless --since says otherwise. */
const spanMs = 3_600_000
/** Rebalances that are looked at; a group with more than these in an hour is explained by them as well. */
const mostStories = 500

export async function explainGroup(context: CommandContext, groupId: string, options: ExplainOptions): Promise<void> {
  if (context.output === 'csv') throw new UsageError('A story has no rows: take -o json, or `group timeline -o csv`.')
  const admin = await context.admin()
  const now = context.runtime.clock.now()
  const since = options.since?.(now) ?? now - spanMs
  const [group] = await admin.describeGroups([groupId])
  const recent = await storiesOf(admin, groupId, { limit: mostStories, since })
  const last = recent.at(-1) ?? (await lastStory(admin, groupId))
  const wait = waitIn(
    group!.state,
    last || isRebalancing(group!) ? freshWait(await admin.groupWait(groupId), now) : null,
  )
  if (last === undefined && wait === null) {
    context.terminal.words(await noStories(admin, groupId))
    return
  }
  context.terminal.out(render(context, { group: group!, last, wait, past: recentPast(recent), now, since }))
}

function isRebalancing({ state }: GroupDescription): boolean {
  return state === 'PreparingRebalance' || state === 'CompletingRebalance'
}

interface Explained {
  group: GroupDescription
  last: RebalanceStory | undefined
  /** Of the rebalance that goes on, or of members without a connection. */
  wait: GroupWait | null
  past: RecentPast
  now: number
  since: number
}

async function lastStory(admin: Admin, groupId: string): Promise<RebalanceStory | undefined> {
  return (await storiesOf(admin, groupId, { limit: 1 }))[0]
}

function render(context: CommandContext, { group, last, wait, past, now, since }: Explained): string {
  const { groupId } = group
  const { output } = context
  if (output === 'json' || output === 'yaml' || output === 'ndjson') {
    const why = last ? whyText(last) : null
    const value = { groupId, state: group.state, waiting: wait, why, last: last ?? null, recent: { since, ...past } }
    return output === 'ndjson' ? `${JSON.stringify(value)}\n` : renderValue(output, value)
  }
  const waits = tellWait(wait, now)
  const told = [
    `Group ${groupId} ${wait?.phase === 'gather' ? gatheringText(group) : stateText(group, last)}.`,
    ...waits,
    ...(last ? ['', ...tellRebalance(last, now)] : []),
    '',
    ...tellPast(past, now - since, isTrouble({ group, last, wait })),
  ]
  return `${told.map(printable).join('\n')}\n`
}

/** Somebody is waited for, was given up, or nobody is there: the past may be as usual as it likes. */
function isTrouble({ group, last, wait }: Pick<Explained, 'group' | 'last' | 'wait'>): boolean {
  const isMissing = last?.late.some(({ removed }) => removed) ?? false
  return (wait?.awaitedCount ?? 0) > 0 || group.members.length === 0 || isMissing
}

function gatheringText({ members }: GroupDescription): string {
  return `is beginning, with ${counted(members.length, 'member')} so far`
}

function stateText({ state, members }: GroupDescription, last: RebalanceStory | undefined): string {
  const people = counted(members.length, 'member')
  switch (state) {
    case 'Stable':
      return `is stable: ${people} read${last ? ` in generation ${last.generation}` : ''}`
    case 'PreparingRebalance':
      return `is rebalancing now: its ${people} have to join again, and those that are busy are waited for up to max_poll_interval_ms`
    case 'CompletingRebalance':
      return `is rebalancing now: ${people} wait for the leader's assignment`
    case 'Empty':
      return 'has no members: nobody reads for it'
    case 'Dead':
      return 'does not exist any more'
    default:
      return `is in state ${state} with ${people}`
  }
}
