import type { ScramMechanism } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { UsageError } from '../failure.js'
import { commandText } from '../text/command-text.js'
import { listed } from '../text/words.js'
import { credentialsOf, forEachMechanism, mechanisms, mustBeThere, stays } from '../user/credentials.js'
import { newPassword, type PasswordOptions } from '../user/new-password.js'

interface AddOptions extends PasswordOptions {
  mechanism?: ScramMechanism
  iterations?: number
}

export async function addUser(context: CommandContext, user: string, options: AddOptions): Promise<void> {
  mustBeAName(user)
  const wanted = options.mechanism === undefined ? mechanisms : [options.mechanism]
  const admin = await context.admin()
  const has = await credentialsOf(admin, user)
  if (wanted.some((mechanism) => has.has(mechanism))) {
    const passwd = commandText('user passwd', [user])
    throw new Error(
      `User ${user} is there already, for ${listed([...has.keys()])}. \`${passwd}\` changes the password.`,
    )
  }
  const password = (await newPassword(context, user, options)).reveal()
  await forEachMechanism(context, wanted, (mechanism) =>
    admin.alterUsers([{ user, mechanism, password, ...iterationsIn(options) }]),
  )
  context.terminal.words(`Added user ${user}, for ${listed(wanted)}.\n`)
}

/** Throws for what ACLs would take for something else. */
function mustBeAName(user: string): void {
  if (user.startsWith('User:'))
    throw new UsageError(`Give the name alone, ${user.slice('User:'.length)}: "User:" is what it begins with in ACLs.`)
  if (user === '*') throw new UsageError('No user can be called *: in ACLs that is everybody.')
}

export async function changePassword(context: CommandContext, user: string, options: AddOptions): Promise<void> {
  const admin = await context.admin()
  const has = mustBeThere(user, await credentialsOf(admin, user))
  const password = (await newPassword(context, user, options)).reveal()
  await forEachMechanism(context, [...has.keys()], (mechanism) =>
    admin.alterUsers([
      { user, mechanism, password, iterations: has.get(mechanism) as number, ...iterationsIn(options) },
    ]),
  )
  context.terminal.words(`Changed the password of ${user}, for ${listed([...has.keys()])}. ${stays(user)}\n`)
}

function iterationsIn({ iterations: count }: AddOptions): { iterations?: number } {
  return count === undefined ? {} : { iterations: count }
}
