import type { CommandContext } from '../../context.js'
import { type ApplyOptions, checkApply } from '../../reset/apply-flags.js'
import { carryOut } from '../../reset/carry-out.js'
import { groupToReset } from '../../reset/group-to-reset.js'
import { wayOf } from '../../reset/way.js'

/** Back to what the offsets were before the last change, or before one that is named: a reset as any other. */
export async function undoReset(
  context: CommandContext,
  groupId: string,
  id: number | undefined,
  options: ApplyOptions,
): Promise<void> {
  checkApply(options)
  const admin = await context.admin()
  const group = await groupToReset(context, admin, groupId, { ...options, create: true })
  const way = await wayOf({ context, admin, group, aim: { kind: 'snapshot', id: id ?? null }, options })
  await carryOut(context, [{ group, way }], options)
}
