import type { CommandContext } from '../../context.js'
import { aimOf } from '../../reset/aim.js'
import { type ApplyOptions, checkApply } from '../../reset/apply-flags.js'
import { carryOut } from '../../reset/carry-out.js'
import { groupToReset } from '../../reset/group-to-reset.js'
import { checkScope, type ScopeOptions } from '../../reset/scope.js'
import { type TargetOptions, targetOf } from '../../reset/target.js'
import { wayOf } from '../../reset/way.js'

export interface ResetOptions extends TargetOptions, ScopeOptions, ApplyOptions {}

export async function resetOffsets(context: CommandContext, groupId: string, options: ResetOptions): Promise<void> {
  checkApply(options)
  const target = targetOf(options, context.runtime.clock.now())
  checkScope(options, target)
  const admin = await context.admin()
  // What was deleted comes back with its snapshot.
  const group = await groupToReset(context, admin, groupId, {
    ...options,
    create: options.create || target.kind === 'snapshot',
  })
  const aim = await aimOf(context, admin, { groupId, target, scope: options })
  const way = await wayOf({ context, admin, group, aim, options })
  // The keyboard's place may be taken by the offsets.
  await carryOut(context, [{ group, way }], { ...options, isInputTaken: options.fromFile === '-' })
}
