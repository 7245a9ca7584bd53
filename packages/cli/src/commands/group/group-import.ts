import type { Admin } from '@rivven/client'
import type { CommandContext } from '../../context.js'
import { UsageError } from '../../failure.js'
import { type ApplyOptions, checkApply } from '../../reset/apply-flags.js'
import { carryOut, type GroupPlan } from '../../reset/carry-out.js'
import { groupToReset } from '../../reset/group-to-reset.js'
import { type FileOffset, offsetsByGroup } from '../../reset/offset-file.js'
import { wayOf } from '../../reset/way.js'
import { contentOf } from '../../terminal/read-file.js'
import { listed } from '../../text/words.js'

export interface ImportOptions extends ApplyOptions {
  group?: string[]
}

/** Sets the offsets of all groups that a file names, or of some of them. */
export async function importOffsets(context: CommandContext, path: string, options: ImportOptions): Promise<void> {
  checkApply(options)
  const text = (await contentOf(context.terminal, path)).toString()
  const wanted = wantedOffsets(offsetsByGroup(text, path), path, options)
  const admin = await context.admin()
  const plans: GroupPlan[] = []
  // One after the other: what is there is found out before anything is changed, and somebody may be waited for.
  for (const [groupId, offsets] of wanted) plans.push(await planOf(context, admin, { groupId, offsets, options }))
  await carryOut(context, plans, { ...options, isInputTaken: path === '-', isOfSeveral: wanted.size > 1 })
}

function wantedOffsets(
  byGroup: ReadonlyMap<string | null, FileOffset[]>,
  path: string,
  { group = [] }: ImportOptions,
): Map<string, FileOffset[]> {
  const ofNobody = byGroup.get(null)
  if (ofNobody) {
    const [only, ...more] = group
    if (byGroup.size === 1 && only !== undefined && more.length === 0) return new Map([[only, ofNobody]])
    throw new UsageError(`${path} does not say of which group its offsets are: name one with --group.`)
  }
  const absent = group.filter((name) => !byGroup.has(name))
  if (absent.length > 0) throw new UsageError(`${path} holds no offsets for ${listed(absent)}.`)
  const names = group.length > 0 ? group : [...byGroup.keys()].filter((name) => name !== null)
  if (names.length === 0) throw new UsageError(`${path} holds no offsets.`)
  return new Map(names.map((name) => [name, byGroup.get(name)!]))
}

async function planOf(
  context: CommandContext,
  admin: Admin,
  { groupId, offsets, options }: { groupId: string; offsets: readonly FileOffset[]; options: ImportOptions },
): Promise<GroupPlan> {
  const group = await groupToReset(context, admin, groupId, options)
  const aim = { kind: 'each' as const, offsets, untouched: [] }
  return { group, way: await wayOf({ context, admin, group, aim, options }) }
}
