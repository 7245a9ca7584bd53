import { type Runtime, VERSION } from '@rivven/runtime'
import { Command, CommanderError } from 'commander'
import {
  addGlobalOptions,
  globalOptionsOf,
  leafCommands,
  type Run,
  type RunOptions,
  refuseEmptyNames,
} from './command-line.js'
import { addAclCommands } from './commands/acl.js'
import { addClusterCommands } from './commands/cluster.js'
import { addCompletionCommands } from './commands/completion.js'
import { addConsumeCommand } from './commands/consume.js'
import { addDoctorCommand } from './commands/doctor.js'
import { addGroupCommands } from './commands/group/group.js'
import { addProduceCommand } from './commands/produce.js'
import { addQuotaCommands } from './commands/quota.js'
import { addTopicCommands } from './commands/topic.js'
import { addTransactionCommands } from './commands/transaction.js'
import { addUserCommands } from './commands/user.js'
import { CommandContext } from './context.js'
import { exitStatusOf, isReaderGone, sentenceOf } from './failure.js'
import { flushedUnlessStopped, Stopped, statusOfStop, unlessStopped } from './terminal/stop.js'
import type { Terminal } from './terminal/terminal.js'
import { printableLines } from './text/output.js'

/**
 * Runs one command line; returns the exit status: 0 done, what `exitStatuses` says where it was not, 128 + the number of the signal
 * that ended it.
 */
export async function runProgram(argv: readonly string[], given: Terminal, runtime: Runtime): Promise<number> {
  const terminal = { ...given, words: (text: string) => given.words(printableLines(text)) }
  const { stop } = terminal
  try {
    await parse(buildProgram(terminal, runtime), argv)
    await flushedUnlessStopped(terminal, runtime.clock)
    return statusOfStop(stop)
  } catch (error) {
    if (isToBeTold(error)) terminal.words(`rivvenctl: ${sentenceOf(error)}\n`)
    await flushedUnlessStopped(terminal, runtime.clock).catch(ignore)
    return error instanceof Stopped ? statusOfStop(stop) : exitStatusOf(error)
  }
}

/** commander has said already what is wrong with the command line. */
function isToBeTold(error: unknown): boolean {
  return !(error instanceof CommanderError || error instanceof Stopped || isReaderGone(error))
}

/** Help and version end commander by an error that is none. */
async function parse(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError && error.exitCode === 0)) throw error
  }
}

function ignore(): void {
  // The failure before counts.
}

function buildProgram(terminal: Terminal, runtime: Runtime): Command {
  const program = new Command('rivvenctl')
    .description('The command line for Rivven and any Kafka cluster.')
    .version(VERSION)
  const run = runner(terminal, runtime)
  addTopicCommands(program, run)
  addProduceCommand(program, run)
  addConsumeCommand(program, run)
  addGroupCommands(program, run)
  addDoctorCommand(program, run)
  addTransactionCommands(program, run)
  addClusterCommands(program, run)
  addUserCommands(program, run)
  addAclCommands(program, run)
  addQuotaCommands(program, run)
  addCompletionCommands(program, run)
  for (const command of [program, ...leafCommands(program)]) addGlobalOptions(command)
  for (const command of leafCommands(program)) refuseEmptyNames(command)
  for (const command of everyCommand(program)) sayThrough(command, terminal)
  return program
}

function runner(terminal: Terminal, runtime: Runtime): Run {
  return <Args extends readonly unknown[]>(
    command: (context: CommandContext, ...args: Args) => Promise<void>,
    { endsItself = false }: RunOptions = {},
  ) =>
    async (...args: unknown[]) => {
      const invoked = args.pop() as Command
      const context = new CommandContext(globalOptionsOf(invoked), terminal, runtime)
      try {
        // commander passes what the command declared: its arguments, then its options.
        const work = command(context, ...(args as unknown as Args))
        await (endsItself ? work : unlessStopped(terminal.stop, work))
      } finally {
        await context.close()
      }
    }
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap((child) => everyCommand(child as Command))]
}

function sayThrough(command: Command, terminal: Terminal): void {
  command
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.words(text) })
    .showHelpAfterError('(--help lists what is possible)')
}
