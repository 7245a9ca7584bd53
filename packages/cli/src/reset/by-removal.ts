import type { Admin, GroupDescription } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { Failure } from '../failure.js'
import { pause } from '../terminal/pause.js'
import { type KnownParts, plannedHere } from './by-commit.js'
import type { Change } from './change.js'
import { commitChanges } from './commit-changes.js'
import { asLeaving, isOfMembers, namesOf } from './members.js'
import { undoCommand } from './undo.js'
import type { Way } from './way.js'

const mostTries = 10
const mostMs = 10_000
const pauseMs = 100

/**
 * The way of a group with members where a broker has no request for it: takes out all members, and commits by nobody before one of
 * them is back. Who was faster makes it start again. If it never comes to that, they are back where they were: nothing is lost.
 */
export async function byRemoval(parts: KnownParts): Promise<Way> {
  const { context, admin, group, options } = parts
  const { groupId, members } = group
  if (group.protocolType !== 'consumer')
    throw new Failure(
      'failed',
      `The members of group "${groupId}" are no consumers (${group.protocolType}): stop them first.`,
    )
  const plan = await plannedHere(parts)
  return {
    plan,
    refusal:
      options.handover === 0 ? null : `Apache Kafka cannot let members hand over: ${whatItDoes(namesOf(members))}`,
    async apply() {
      await setBetween(context, admin, { group, changes: plan.changes, reason: options.reason })
      const undo = undoCommand(groupId, plan.changes, context.options, ['--live', '--handover', '0'])
      return `Done: ${namesOf(members)} had to leave, and join again. To undo it:\n${undo}`
    },
  }
}

function whatItDoes(names: string): string {
  return `--live takes them out of the group (${names}) and sets the offsets before they are back; what they are doing is not committed, and is done again. If that is meant say --handover 0; else stop them, and --wait-empty 60s waits for it.`
}

interface Reset {
  readonly group: GroupDescription
  readonly changes: readonly Change[]
  readonly reason?: string
}

async function setBetween(context: CommandContext, admin: Admin, reset: Reset): Promise<void> {
  const { clock } = context.runtime
  const until = clock.monotonic() + mostMs
  for (let tries = 1; ; tries++) {
    try {
      await removeAll(admin, reset)
      return await commitChanges(admin, reset.group.groupId, reset.changes)
    } catch (error) {
      if (!isOfMembers(error)) throw error
      if (tries >= mostTries || clock.monotonic() >= until) throw wereFaster(reset, tries)
      await pause(context, pauseMs)
    }
  }
}

async function removeAll(admin: Admin, { group: { groupId }, reason }: Reset): Promise<void> {
  const [group] = await admin.describeGroups([groupId])
  if (group!.members.length > 0) await admin.removeMembers(groupId, group!.members.map(asLeaving), { reason })
}

function wereFaster({ group: { groupId, members } }: Reset, tries: number): Failure {
  const who = `its members (${namesOf(members)}) were back before its offsets were set, each of ${tries} times`
  return new Failure('occupied', `Group "${groupId}" was not reset: ${who}. They read on where they were.`)
}
