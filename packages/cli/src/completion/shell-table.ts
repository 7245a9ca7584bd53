import type { CommandRow, WordKind } from './command-table.js'

/** The table as variables that are set by the branch of a path: words of ours alone stand in it, never names of a cluster. */
export interface ShellRow {
  readonly path: string
  readonly variables: Readonly<Record<'commands' | 'flags' | 'values' | 'argument', string>>
}

export function shellRows(rows: readonly CommandRow[]): ShellRow[] {
  return rows.map(({ path, commands, flags, values, argument }) => ({
    path,
    variables: {
      commands: commands.join(' '),
      flags: flags.join(' '),
      values: values.map(([flag, kind]) => `${flag}=${wordOf(kind)}`).join(' '),
      argument: wordOf(argument),
    },
  }))
}

/** `groups`, or `=a|b` for one of some words. */
function wordOf(kind: WordKind): string {
  return typeof kind === 'string' ? kind : `=${kind.oneOf.join('|')}`
}

/** The branches as bash and zsh take them. */
export function casesOf(rows: readonly ShellRow[]): string {
  return rows
    .map(({ path, variables: { commands, flags, values, argument } }) => {
      const lines = [`commands='${commands}'`, `flags='${flags}'`, `values='${values}'`, `argument='${argument}'`]
      return `    '${path}')\n${lines.map((line) => `      ${line}\n`).join('')}      ;;\n`
    })
    .join('')
}
