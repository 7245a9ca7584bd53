import type { ScramMechanism } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { listed } from '../explain/names.js'
import { credentialsOf, forEachMechanism, mustBeThere, stays } from '../user/credentials.js'

export async function deleteUser(
  context: CommandContext,
  user: string,
  { mechanism }: { mechanism?: ScramMechanism },
): Promise<void> {
  const admin = await context.admin()
  const has = mustBeThere(user, await credentialsOf(admin, user))
  if (mechanism !== undefined && !has.has(mechanism))
    throw new Error(`User ${user} has no password for ${mechanism}, only for ${listed([...has.keys()])}.`)
  const taken = mechanism === undefined ? [...has.keys()] : [mechanism]
  await forEachMechanism(context, taken, (each) => admin.alterUsers([{ user, mechanism: each, delete: true }]))
  if (taken.length < has.size) {
    context.terminal.words(`User ${user} cannot log in by ${listed(taken)} any more. ${stays(user)}\n`)
    return
  }
  context.terminal.words(`Deleted user ${user}. ${stays(user)}\n`)
}
