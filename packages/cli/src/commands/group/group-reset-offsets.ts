import type { CommandContext } from '../../context.js'
import { type ApplyOptions, checkApply } from '../../reset/apply-flags.js'
import { carryOut, mayBeChanged } from '../../reset/carry-out.js'
import { groupToReset } from '../../reset/group-to-reset.js'
import { planFor } from '../../reset/plan-for.js'
import { checkScope, type ScopeOptions } from '../../reset/scope.js'
import { type TargetOptions, targetOf } from '../../reset/target.js'

export interface ResetOptions extends TargetOptions, ScopeOptions, ApplyOptions {}

export async function resetOffsets(context: CommandContext, groupId: string, options: ResetOptions): Promise<void> {
  checkApply(options)
  const target = targetOf(options, context.runtime.clock.now())
  checkScope(options, target)
  const admin = await context.admin()
  const group = await groupToReset(context, admin, groupId, options)
  mayBeChanged(group, options)
  const plan = await planFor(context, admin, { groupId, target, scope: options })
  // The keyboard's place may be taken by the offsets.
  await carryOut(context, admin, [{ group, plan }], { ...options, isInputTaken: options.fromFile === '-' })
}
