import { Argument, type Command } from 'commander'
import type { Run } from '../command-line.js'
import { bashScript } from '../completion/bash.js'
import { type CommandRow, commandTable } from '../completion/command-table.js'
import { fishScript } from '../completion/fish.js'
import { shellRows } from '../completion/shell-table.js'
import { typedOptions } from '../completion/typed-options.js'
import { zshScript } from '../completion/zsh.js'
import { CommandContext } from '../context.js'

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const

/** The scripts hold all commands; names of a cluster they ask the hidden command for. */
export function addCompletionCommands(program: Command, run: Run): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(Object.keys(scripts)))
    .description('a script for bash, zsh or fish that completes commands, and names of groups and topics')
    .action(
      run(async ({ terminal }: CommandContext, shell: keyof typeof scripts) =>
        terminal.out(scripts[shell](shellRows(commandTable(program)))),
      ),
    )
  program
    .command('__complete', { hidden: true })
    .addArgument(new Argument('<kind>').choices(['groups', 'topics'] satisfies CommandRow['argument'][]))
    .argument('[line]')
    .action(run(writeNames))
}

/** So long somebody who pressed Tab waits, in milliseconds. */
const patienceMs = 1_000

/** Writes a name a line; nothing where that does not go well, or not soon enough: whoever types wants no errors between. */
async function writeNames({ terminal, runtime }: CommandContext, kind: 'groups' | 'topics', line = ''): Promise<void> {
  const late = new Promise<string[]>((resolve) => void runtime.clock.setTimer(patienceMs, () => resolve([])))
  const silent = { ...terminal, words: () => undefined }
  const names = namesOf(kind, () => new CommandContext(typedOptions(line), silent, runtime)).catch(() => [])
  // A name that is more than a line is none that one could type.
  const found = (await Promise.race([names, late])).filter((name) => !/\p{Cc}/u.test(name))
  terminal.out(found.map((name) => `${name}\n`).join(''))
}

async function namesOf(kind: 'groups' | 'topics', open: () => CommandContext): Promise<string[]> {
  const context = open()
  try {
    const admin = await context.admin()
    if (kind === 'groups') return (await admin.listGroups()).map(({ groupId }) => groupId)
    return (await admin.listTopics()).filter(({ isInternal }) => !isInternal).map(({ name }) => name)
  } finally {
    await context.close()
  }
}
