import type { ScramMechanism } from '@rivven/client'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Run, wholeNumber } from '../command-line.js'
import type { CommandContext } from '../context.js'
import { type Column, renderRows } from '../text/output.js'
import { mechanisms } from '../user/credentials.js'
import { deleteUser } from './user-delete.js'
import { addUser, changePassword } from './user-password.js'

export function addUserCommands(program: Command, run: Run): void {
  const user = program.command('user').description('see, add and delete users who log in with a password')
  user.command('list').description('users, and how they can log in').action(run(listUsers))
  addPasswordOptions(user.command('add').argument('<name>'))
    .addOption(mechanismOption('log in by this one only (default: either)'))
    .description('add a user; the password is typed, or in a file')
    .action(run(addUser))
  addPasswordOptions(user.command('passwd').argument('<name>'))
    .description('give a user another password')
    .action(run(changePassword))
  user
    .command('delete')
    .argument('<name>')
    .addOption(mechanismOption('take away only what it logs in by with this one'))
    .description('delete a user')
    .action(run(deleteUser))
}

function addPasswordOptions(command: Command): Command {
  return command
    .option('--password-file <file>', 'where the new password is; - is standard input (default: it is typed)')
    .option('--iterations <count>', 'how costly guessing is, 4096 to 16384 (default: as it was, or 8192)', iterations)
}

function mechanismOption(what: string): Option {
  return new Option('--mechanism <name>', `${mechanisms.join(' or ')}: ${what}`).argParser(mechanismNamed)
}

function mechanismNamed(word: string): ScramMechanism {
  const found = mechanisms.find((name) => name === word.toLowerCase())
  if (found === undefined) throw new InvalidArgumentError(`It must be ${mechanisms.join(' or ')}.`)
  return found
}

function iterations(word: string): number {
  const value = wholeNumber(word)
  if (value < 4096 || value > 16_384) throw new InvalidArgumentError('It must be 4096 to 16384.')
  return value
}

const columns: Column[] = [
  { field: 'user', title: 'USER' },
  { field: 'mechanism', title: 'MECHANISM' },
  { field: 'iterations', title: 'ITERATIONS' },
]

async function listUsers(context: CommandContext): Promise<void> {
  const admin = await context.admin()
  const users = await admin.describeUsers()
  const rows = users
    .flatMap(({ user, credentials }) => credentials.map((credential) => ({ user, ...credential })))
    .sort((a, b) => order(a.user, b.user) || order(a.mechanism, b.mechanism))
  context.terminal.out(renderRows(context.output, columns, rows))
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
