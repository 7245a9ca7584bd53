import { type Admin, RivvenError, type ScramMechanism } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { Failure } from '../failure.js'
import { commandText } from '../text/command-text.js'
import { counted, listed } from '../text/words.js'
import { credentialsOf, forEachMechanism, mustBeThere, stays } from '../user/credentials.js'

export async function deleteUser(
  context: CommandContext,
  user: string,
  { mechanism }: { mechanism?: ScramMechanism },
): Promise<void> {
  const admin = await context.admin()
  const has = mustBeThere(user, await credentialsOf(admin, user))
  if (mechanism !== undefined && !has.has(mechanism))
    throw new Failure('absent', `User ${user} has no password for ${mechanism}, only for ${listed([...has.keys()])}.`)
  const taken = mechanism === undefined ? [...has.keys()] : [mechanism]
  await forEachMechanism(context, taken, (each) => admin.alterUsers([{ user, mechanism: each, delete: true }]))
  if (taken.length < has.size) {
    context.terminal.words(`User ${user} cannot log in by ${listed(taken)} any more. ${stays(user)}\n`)
    return
  }
  context.terminal.words(`Deleted user ${user}. ${stays(user)}\n`)
  context.terminal.words(await wordsOnRightsLeft(admin, user))
}

/** Rules outlive their user, and count for the next one of that name. */
async function wordsOnRightsLeft(admin: Admin, user: string): Promise<string> {
  const principal = `User:${user}`
  try {
    const left = await admin.describeAcls({ principal })
    if (left.length === 0) return ''
    const remove = commandText('acl remove', [], ['--principal', principal])
    return `${counted(left.length, 'ACL still names', 'ACLs still name')} ${principal}: \`${remove}\` takes them away.\n`
  } catch (error) {
    // Who may not look, or where there are no rules at all, is told nothing about them.
    if (error instanceof RivvenError && !error.retriable) return ''
    throw error
  }
}
