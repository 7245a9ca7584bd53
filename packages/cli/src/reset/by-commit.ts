import { Failure } from '../failure.js'
import type { Aim } from './aim.js'
import { commitChanges } from './commit-changes.js'
import { isOfMembers, membersText } from './members.js'
import { type Plan, planOfOffsets, planTo } from './plan.js'
import { undoCommand } from './undo.js'
import type { Way, WayParts } from './way.js'

export interface KnownParts extends WayParts {
  readonly aim: Exclude<Aim, { kind: 'snapshot' }>
}

/** The way of a group without members: nobody commits for it. */
export async function byCommit(parts: KnownParts): Promise<Way> {
  const { admin, group, context } = parts
  const { groupId } = group
  const plan = await plannedHere(parts)
  return {
    plan,
    refusal: group.members.length === 0 ? null : membersText(group),
    async apply() {
      await commitChanges(admin, groupId, plan.changes).catch((error: unknown) => {
        throw isOfMembers(error)
          ? new Failure('occupied', `Group "${groupId}" got a member meanwhile: nothing was changed.`)
          : error
      })
      return `Done. To undo it:\n${undoCommand(groupId, plan.changes, context.options)}`
    },
  }
}

export async function plannedHere({ admin, group: { groupId }, aim }: KnownParts): Promise<Plan> {
  const committed = await admin.listGroupOffsets(groupId)
  if (aim.kind === 'all') return planTo(admin, { groupId, committed, ...aim })
  const { changes } = await planOfOffsets(admin, aim.offsets, committed)
  return { changes, untouched: aim.untouched }
}
