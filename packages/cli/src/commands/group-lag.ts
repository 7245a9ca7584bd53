import type { Admin } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { beyondEnd, lagColumns, lagOfGroup } from '../group-offsets.js'
import { renderRows } from '../output.js'
import { pause } from '../pause.js'
import { flushedUnlessStopped, unlessStopped } from '../stop.js'
import { requireGroup } from './group-describe.js'

export async function showLag(
  context: CommandContext,
  groupId: string,
  options: { watch?: boolean; interval: number },
): Promise<void> {
  const admin = await context.admin()
  await unlessStopped(context.terminal.stop, requireGroup(admin, groupId))
  await show(context, admin, groupId)
  while (options.watch && (await pause(context, options.interval))) {
    if (context.output === 'table' || context.output === 'wide') context.terminal.out('\n')
    await show(context, admin, groupId)
  }
}

async function show(context: CommandContext, admin: Admin, groupId: string): Promise<void> {
  const lags = await lagOfGroup(admin, groupId)
  context.terminal.out(renderRows(context.output, lagColumns, lags))
  context.terminal.words(beyondEnd(groupId, lags) ?? '')
  await flushedUnlessStopped(context.terminal, context.runtime.clock)
}
