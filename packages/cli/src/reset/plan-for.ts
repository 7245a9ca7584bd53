import type { Admin } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { Failure } from '../failure.js'
import { contentOf } from '../terminal/read-file.js'
import { type FileOffset, parseOffsets } from './offset-file.js'
import { type Plan, planOfOffsets, planReset } from './plan.js'
import { type Place, placesOf, type ScopeOptions } from './scope.js'
import type { ComputedTarget, Target } from './target.js'

interface Parts {
  readonly groupId: string
  readonly target: Target
  readonly scope: ScopeOptions
}

/** What a reset would change. */
export async function planFor(context: CommandContext, admin: Admin, { groupId, target, scope }: Parts): Promise<Plan> {
  switch (target.kind) {
    case 'file': {
      const text = (await contentOf(context.terminal, target.path)).toString()
      return planOfOffsets(admin, parseOffsets(text, target.path, groupId), await admin.listGroupOffsets(groupId))
    }
    case 'group':
      return planLikeGroup(admin, { groupId, from: target.groupId, scope })
    default:
      return planTo(admin, { groupId, target, scope })
  }
}

async function planTo(
  admin: Admin,
  { groupId, target, scope }: { groupId: string; target: ComputedTarget; scope: ScopeOptions },
): Promise<Plan> {
  const committed = await admin.listGroupOffsets(groupId)
  const places = await placesOf(admin, scope, committed)
  if (places.length === 0) throw new Error(`Group "${groupId}" has no offsets: name topics with --topic.`)
  const plan = await planReset(admin, target, places, committed)
  if (plan.changes.length > 0) return plan
  throw new Error(
    `Group "${groupId}" has no offsets there to shift from: take --to-offset, --to-earliest or --to-latest.`,
  )
}

/** Where another group stands; partitions in which it has committed nothing stay as they are. */
async function planLikeGroup(
  admin: Admin,
  { groupId, from, scope }: { groupId: string; from: string; scope: ScopeOptions },
): Promise<Plan> {
  const theirs = await admin.listGroupOffsets(from)
  const places = await placesOf(admin, scope.topic ? scope : { allTopics: true }, theirs)
  const byPlace = new Map(theirs.map((place) => [`${place.topic}/${place.partition}`, place]))
  const offsets: FileOffset[] = []
  const untouched: Place[] = []
  for (const { topic, partition } of places) {
    const found = byPlace.get(`${topic}/${partition}`)
    if (found) offsets.push({ topic, partition, offset: found.offset, metadata: found.metadata })
    else untouched.push({ topic, partition })
  }
  if (offsets.length === 0) throw new Failure('absent', `Group "${from}" has committed nothing there.`)
  const { changes } = await planOfOffsets(admin, offsets, await admin.listGroupOffsets(groupId))
  return { changes, untouched }
}
