import type { Admin, GroupDescription } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { Failure } from '../failure.js'
import { pause } from '../terminal/pause.js'
import { durationText } from '../text/durations.js'
import type { ApplyOptions } from './apply-flags.js'
import { membersText, namesOf } from './members.js'

/** The group, when it may be changed: there, or to be made; without members, where that was to be waited for. */
export async function groupToReset(
  context: CommandContext,
  admin: Admin,
  groupId: string,
  { create, waitEmpty }: ApplyOptions,
): Promise<GroupDescription> {
  const [group] = await admin.describeGroups([groupId])
  if (group!.state === 'Dead' && !create) throw new Failure('absent', unknownGroup(groupId))
  if (group!.members.length === 0 || waitEmpty === undefined) return group!
  return whenEmpty(context, admin, group!, waitEmpty)
}

/** Most often its name is mistyped; offsets of a group that nobody joins would stay for days. */
function unknownGroup(groupId: string): string {
  return `There is no group "${groupId}". \`rivvenctl group list\` shows which there are; --create makes one with these offsets, before its members start.`
}

const lookMs = 500

async function whenEmpty(
  context: CommandContext,
  admin: Admin,
  found: GroupDescription,
  patienceMs: number,
): Promise<GroupDescription> {
  const { clock } = context.runtime
  const until = clock.monotonic() + patienceMs
  context.terminal.words(`Waiting up to ${durationText(patienceMs)} for ${namesOf(found.members)} to leave.\n`)
  for (let group = found; ; ) {
    if (group.members.length === 0) return group
    const left = until - clock.monotonic()
    if (left <= 0) throw new Failure('occupied', membersText(group))
    await pause(context, Math.min(lookMs, left))
    ;[group = found] = await admin.describeGroups([group.groupId])
  }
}
