import { type Admin, type RebalanceStory, RivvenError } from '@rivven/client'
import type { CommandContext } from '../../context.js'
import { nameOf } from '../../explain/names.js'
import { Failure } from '../../failure.js'
import { commandText } from '../../text/command-text.js'
import { durationText, timeText } from '../../text/durations.js'
import { type Column, type Row, renderRows, renderValue } from '../../text/output.js'
import { requireGroup } from './group-describe.js'

export interface TimelineCommandOptions {
  limit?: number
  since?: (now: number) => number
}

const columns: Column[] = [
  { field: 'time', title: 'TIME' },
  { field: 'generation', title: 'GENERATION' },
  { field: 'cause', title: 'CAUSE' },
  { field: 'who', title: 'WHO' },
  { field: 'members', title: 'MEMBERS' },
  { field: 'moved', title: 'MOVED' },
  { field: 'kept', title: 'KEPT' },
  { field: 'took', title: 'TOOK' },
  { field: 'outcome', title: 'OUTCOME' },
  { field: 'join', title: 'JOIN', wide: true },
  { field: 'sync', title: 'SYNC', wide: true },
  { field: 'waitedFor', title: 'WAITED-FOR', wide: true },
  { field: 'protocol', title: 'PROTOCOL', wide: true },
  { field: 'memberId', title: 'MEMBER-ID', wide: true },
  { field: 'reason', title: 'REASON', wide: true },
]

/** Where a time says how far back, so many are shown at most. */
const mostStories = 10_000

export async function showTimeline(
  context: CommandContext,
  groupId: string,
  options: TimelineCommandOptions,
): Promise<void> {
  const admin = await context.admin()
  const since = options.since?.(context.runtime.clock.now())
  const limit = options.limit ?? (since === undefined ? 20 : mostStories)
  const stories = await storiesOf(admin, groupId, { limit, since })
  context.terminal.out(render(context, stories))
  if (stories.length === 0) context.terminal.words(await noStories(admin, groupId, since))
}

/** The rebalances that are recorded; where the cluster keeps none, an error that says what there is instead. */
export async function storiesOf(
  admin: Admin,
  groupId: string,
  options: { limit: number; since?: number },
): Promise<RebalanceStory[]> {
  try {
    return await admin.groupTimeline(groupId, options)
  } catch (error) {
    if (!(error instanceof RivvenError) || error.code !== 'UNSUPPORTED_BY_BROKER') throw error
    await requireGroup(admin, groupId)
    const instead = `\`${commandText('group describe', [groupId])}\` shows how the group stands now.`
    throw new Error(`${error.message} ${instead}`, { cause: error })
  }
}

/** What to say where nothing is recorded; an error when there is no such group either. */
export async function noStories(admin: Admin, groupId: string, since?: number): Promise<string> {
  if (since !== undefined) return `No rebalance of group "${groupId}" since ${timeText(since)}.\n`
  const [group] = await admin.describeGroups([groupId])
  if (!group || group.state === 'Dead') {
    throw new Failure(
      'absent',
      `There is no group "${groupId}", and none is recorded. \`rivvenctl group list\` shows which there are.`,
    )
  }
  return `No rebalance of group "${groupId}" is recorded.\n`
}

function render(context: CommandContext, stories: readonly RebalanceStory[]): string {
  switch (context.output) {
    case 'json':
    case 'yaml':
      return renderValue(context.output, stories)
    case 'ndjson':
      return stories.map((story) => `${JSON.stringify(story)}\n`).join('')
    default:
      return renderRows(context.output, columns, stories.map(rowOf))
  }
}

function rowOf(story: RebalanceStory): Row {
  const { culprit, partitions, phases, protocol } = story
  return {
    time: timeText(story.endedAt),
    generation: story.generation > 0 ? story.generation : null,
    cause: story.cause,
    who: culprit && nameOf(culprit),
    members: `${story.membersBefore}->${story.membersAfter}`,
    moved: partitions?.moved ?? null,
    kept: partitions?.kept ?? null,
    took: durationText(story.endedAt - story.startedAt),
    outcome: story.outcome,
    join: durationText(phases.joinMs),
    sync: phases.syncMs === null ? null : durationText(phases.syncMs),
    waitedFor: story.late.map((member) => `${nameOf(member)} ${durationText(member.waitedMs)}`).join(', '),
    protocol: protocol.elected,
    memberId: culprit?.memberId ?? null,
    reason: story.reason,
  }
}
