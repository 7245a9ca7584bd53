import { type Command, InvalidArgumentError, Option } from 'commander'
import type { CommandContext } from './context.js'
import type { GlobalOptions } from './settings/global-options.js'
import { addSecurityFlags, securityIn } from './settings/security-flags.js'
import { outputFormats } from './text/output.js'

/** Wraps a command's function for commander: it gets its context first, then its arguments, then its options. */
export type Run = <Args extends readonly unknown[]>(
  command: (context: CommandContext, ...args: Args) => Promise<void>,
  how?: RunOptions,
) => (...args: unknown[]) => Promise<void>

export interface RunOptions {
  /** It looks at `stop` itself, and has something to end when the user asks to; all others are just broken off. */
  endsItself?: boolean
}

/** Options that every command takes, before its name or behind it. */
export function addGlobalOptions(command: Command): Command {
  return addSecurityFlags(command)
    .option(
      '-b, --bootstrap-servers <host:port,...>',
      'where the cluster is (RIVVEN_BOOTSTRAP_SERVERS; default localhost:9092)',
    )
    .option('--config <file>', 'a rivven.yaml with consumer: and producer: sections (RIVVEN_CONFIG)')
    .addOption(
      new Option('-o, --output <format>', 'form of the data on stdout (default table)').choices([...outputFormats]),
    )
}

/** What was said of them: the innermost command counts. */
export function globalOptionsOf(command: Command): GlobalOptions {
  const said: GlobalOptions = { security: {} }
  for (let level: Command | null = command; level; level = level.parent) {
    const { bootstrapServers, config, output } = level.opts() as Partial<GlobalOptions>
    said.bootstrapServers ??= bootstrapServers
    said.config ??= config
    said.output ??= output
    said.security = { ...securityIn(level.opts()), ...said.security }
  }
  return said
}

/** Arguments that must be there, and lists, are names: in a script an empty variable is a mistake. */
export function refuseEmptyNames(command: Command): void {
  for (const argument of command.registeredArguments.filter(({ required, variadic }) => required || variadic)) {
    const { parseArg } = argument
    argument.argParser<string | string[]>((word, before) => {
      if (word === '') throw new InvalidArgumentError('It must not be empty.')
      if (parseArg) return parseArg(word, before)
      return argument.variadic ? [before ?? [], word].flat() : word
    })
  }
}

export function leafCommands(parent: Command): Command[] {
  return parent.commands.flatMap((command) =>
    command.commands.length > 0 ? leafCommands(command as Command) : [command as Command],
  )
}

export function wholeNumber(word: string): number {
  const value = Number(word)
  if (!/^-?\d+$/.test(word) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('It must be a whole number.')
  return value
}

/** How many, how long, which one: from 0 on. */
export function count(word: string): number {
  const value = wholeNumber(word)
  if (value < 0) throw new InvalidArgumentError('It must be 0 or more.')
  return value
}

export function positive(word: string): number {
  const value = wholeNumber(word)
  if (value < 1) throw new InvalidArgumentError('It must be 1 or more.')
  return value
}

export function repeatedCount(word: string, before: readonly number[] = []): number[] {
  return [...before, count(word)]
}

/** For options that may be given several times. */
export function repeated(word: string, before: readonly string[] = []): string[] {
  return [...before, word]
}
