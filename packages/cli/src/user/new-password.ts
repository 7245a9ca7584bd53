import { passwordOf, type Secret } from '@rivven/config'
import type { CommandContext } from '../context.js'
import { Failure, UsageError } from '../failure.js'
import { contentOf } from '../terminal/read-file.js'
import type { Terminal } from '../terminal/terminal.js'

export interface PasswordOptions {
  /** `-`: standard input. */
  passwordFile?: string
}

/** The password that a user gets: from a file or standard input, else a person types it twice. Never from the command line. */
export async function newPassword(context: CommandContext, user: string, options: PasswordOptions): Promise<Secret> {
  const { terminal } = context
  const { passwordFile: file } = options
  if (terminal.isInteractive && (file === undefined || file === '-')) return typedTwice(terminal, user)
  if (file === undefined)
    throw new UsageError('Say where the new password is: --password-file FILE, or - for standard input.')
  const { sasl_password_file: login } = context.options.security
  if (file === '-' && login === '-')
    throw new UsageError('Only one password can come by standard input: put the other one into a file.')
  return passwordOf(await contentOf(terminal, file), file === '-' ? 'standard input' : file)
}

async function typedTwice(terminal: Terminal, user: string): Promise<Secret> {
  const typed = await terminal.hiddenLine(`New password of ${user}: `)
  if (typed === '') throw new Failure('declined', 'No password was typed: nothing was changed.')
  if ((await terminal.hiddenLine('The same again: ')) !== typed)
    throw new Error('The two are not the same: nothing was changed.')
  return passwordOf(Buffer.from(typed), 'what was typed')
}
