import type { Admin } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { Failure } from '../failure.js'
import { pause } from '../terminal/pause.js'
import type { Change } from './change.js'
import { commitChanges } from './commit-changes.js'
import { asLeaving, isOfMembers, namesOf } from './members.js'

const mostTries = 10
const mostMs = 10_000
const pauseMs = 100

interface Parts {
  readonly groupId: string
  readonly changes: readonly Change[]
  readonly reason?: string
}

/**
 * Resets a group with members where a broker has no request for it: takes out all members, and commits by nobody before one of them is
 * back. Who was faster makes it start again. If it never comes to that, they are back where they were: nothing is lost.
 */
export async function resetByRemoval(context: CommandContext, admin: Admin, parts: Parts): Promise<void> {
  const { clock } = context.runtime
  const until = clock.monotonic() + mostMs
  for (let tries = 1; ; tries++) {
    try {
      await removeAll(admin, parts)
      return await commitChanges(admin, parts.groupId, parts.changes)
    } catch (error) {
      if (!isOfMembers(error)) throw error
      if (tries >= mostTries || clock.monotonic() >= until) throw await wereFaster(admin, parts.groupId, tries)
      await pause(context, pauseMs)
    }
  }
}

async function removeAll(admin: Admin, { groupId, reason }: Parts): Promise<void> {
  const [group] = await admin.describeGroups([groupId])
  if (group!.members.length > 0) await admin.removeMembers(groupId, group!.members.map(asLeaving), { reason })
}

async function wereFaster(admin: Admin, groupId: string, tries: number): Promise<Failure> {
  const [group] = await admin.describeGroups([groupId])
  const who = `its members (${namesOf(group!.members)}) were back before their offsets were set, each of ${tries} times`
  return new Failure('occupied', `Group "${groupId}" was not reset: ${who}. They read on where they were.`)
}
