import type { CommandContext } from '../../context.js'
import { UsageError } from '../../failure.js'
import { unlessStopped } from '../../terminal/stop.js'
import { lookOf } from '../../watch/look.js'
import { Watch } from '../../watch/watch.js'
import { requireGroup } from './group-describe.js'

/** The whole screen, for people. */
export async function watchGroups(context: CommandContext, groupId: string | undefined): Promise<void> {
  const { terminal, runtime } = context
  const { screen, stop } = terminal
  if (screen === null)
    throw new UsageError('This needs a terminal; `rivvenctl group lag --watch` writes lines, for programs and files.')
  const admin = await context.admin()
  const look = await unlessStopped(stop, begin())
  const watch = new Watch({ clock: runtime.clock, screen, look, groupId: groupId ?? null, stop })
  await watch.run()

  async function begin() {
    if (groupId !== undefined) await requireGroup(admin, groupId)
    return lookOf(admin)
  }
}
