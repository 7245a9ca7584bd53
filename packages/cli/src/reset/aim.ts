import type { Admin } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { Failure } from '../failure.js'
import { contentOf } from '../terminal/read-file.js'
import { type FileOffset, parseOffsets } from './offset-file.js'
import { type Place, placesOf, type ScopeOptions } from './scope.js'
import type { ComputedTarget, Target } from './target.js'

/** What is to become of the offsets of a group: the same for all of its partitions, an offset for each, or what was. */
export type Aim =
  | { readonly kind: 'all'; readonly target: ComputedTarget; readonly scope: ScopeOptions }
  | { readonly kind: 'each'; readonly offsets: readonly FileOffset[]; readonly untouched: readonly Place[] }
  /** null: the newest snapshot. */
  | { readonly kind: 'snapshot'; readonly id: number | null }

interface Parts {
  readonly groupId: string
  readonly target: Target
  readonly scope: ScopeOptions
}

export async function aimOf(context: CommandContext, admin: Admin, { groupId, target, scope }: Parts): Promise<Aim> {
  switch (target.kind) {
    case 'file': {
      const text = (await contentOf(context.terminal, target.path)).toString()
      return { kind: 'each', offsets: parseOffsets(text, target.path, groupId), untouched: [] }
    }
    case 'group':
      return offsetsOfGroup(admin, target.groupId, scope)
    case 'snapshot':
      return { kind: 'snapshot', id: target.id }
    default:
      return { kind: 'all', target, scope }
  }
}

/** Where another group stands; partitions in which it has committed nothing stay as they are. */
async function offsetsOfGroup(admin: Admin, groupId: string, scope: ScopeOptions): Promise<Aim> {
  const theirs = await admin.listGroupOffsets(groupId)
  const places = await placesOf(admin, scope.topic ? scope : { allTopics: true }, theirs)
  const byPlace = new Map(theirs.map((place) => [`${place.topic}/${place.partition}`, place]))
  const offsets: FileOffset[] = []
  const untouched: Place[] = []
  for (const { topic, partition } of places) {
    const found = byPlace.get(`${topic}/${partition}`)
    if (found) offsets.push({ topic, partition, offset: found.offset, metadata: found.metadata })
    else untouched.push({ topic, partition })
  }
  if (offsets.length === 0) throw new Failure('absent', `Group "${groupId}" has committed nothing there.`)
  return { kind: 'each', offsets, untouched }
}
