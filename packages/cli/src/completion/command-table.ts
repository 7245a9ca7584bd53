import type { Argument, Command, Option } from 'commander'

/**
 * What stands in the place of a word: names of the cluster, which are asked for; a file; one of some words; or anything, which nobody
 * can complete.
 */
export type WordKind = 'groups' | 'topics' | 'files' | 'any' | { readonly oneOf: readonly string[] }

/** What may follow one command. */
export interface CommandRow {
  /** `group lag`; empty: the program itself. */
  readonly path: string
  readonly commands: readonly string[]
  /** All of its options. */
  readonly flags: readonly string[]
  /** Those behind which a value stands, and which. */
  readonly values: readonly (readonly [flag: string, kind: WordKind])[]
  /** What its arguments are. */
  readonly argument: WordKind
}

/** All commands that are shown, as a shell completes them. */
export function commandTable(command: Command, path = ''): CommandRow[] {
  const help = command.createHelp()
  const children = help.visibleCommands(command).filter((child) => command.commands.includes(child))
  const options = help.visibleOptions(command)
  const row: CommandRow = {
    path,
    commands: children.flatMap(namesOf),
    flags: options.flatMap(flagsOf),
    values: options.filter(({ required }) => required).flatMap(valuesOf),
    argument: command.registeredArguments.map(kindOfArgument).find((kind) => kind !== 'any') ?? 'any',
  }
  const ofChildren = children.flatMap((child) =>
    namesOf(child).flatMap((name) => commandTable(child, path === '' ? name : `${path} ${name}`)),
  )
  return [row, ...ofChildren]
}

function namesOf(command: Command): string[] {
  return [command.name(), ...command.aliases()]
}

function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter((flag) => flag !== undefined && flag !== null) as string[]
}

function valuesOf(option: Option): (readonly [string, WordKind])[] {
  const kind = option.argChoices ? { oneOf: option.argChoices } : kindNamed(/[<[](\w+)/.exec(option.flags)?.[1])
  return flagsOf(option).map((flag) => [flag, kind] as const)
}

function kindOfArgument(argument: Argument): WordKind {
  return argument.argChoices ? { oneOf: argument.argChoices } : kindNamed(argument.name())
}

/** By the word that stands for it in --help. */
const kinds: ReadonlyMap<string | undefined, WordKind> = new Map([
  ...(['group', 'groups'] as const).map((name) => [name, 'groups'] as const),
  ...(['topic', 'topics'] as const).map((name) => [name, 'topics'] as const),
  ...(['file', 'path'] as const).map((name) => [name, 'files'] as const),
])

function kindNamed(name: string | undefined): WordKind {
  return kinds.get(name) ?? 'any'
}
