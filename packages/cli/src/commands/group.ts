import type { Command } from 'commander'
import { type Run, wholeNumber } from '../command-line.js'
import type { CommandContext } from '../context.js'
import { type Column, renderRows } from '../output.js'
import { describeGroup } from './group-describe.js'
import { showLag } from './group-lag.js'
import { resetOffsets } from './group-reset-offsets.js'

export function addGroupCommands(program: Command, run: Run): void {
  const group = program.command('group').description('see what consumer groups do, and move their offsets')
  group.command('list').description('list groups').action(run(listGroups))
  group
    .command('describe')
    .argument('<group>')
    .description('members, what they own, and lag of a group')
    .action(run(describeGroup))
  group
    .command('lag')
    .argument('<group>')
    .option('-w, --watch', 'again and again, until Ctrl-C')
    .option('--interval <ms>', 'pause between two looks', wholeNumber, 1000)
    .description('how far a group is behind, a partition a line')
    .action(run(showLag))
  group
    .command('reset-offsets')
    .argument('<group>')
    .requiredOption('-t, --topic <topic>', 'topic whose offsets move')
    .option('--partition <number...>', 'these partitions only', (word: string, all: number[] = []) => [
      ...all,
      wholeNumber(word),
    ])
    .option('--to-earliest', 'to the first record there is')
    .option('--to-latest', 'behind the last record')
    .option('--to-offset <offset>', 'to this offset', wholeNumber)
    .option('--dry-run', 'only show what would change')
    .description('move the committed offsets of a group without members')
    .action(run(resetOffsets))
  group
    .command('delete')
    .argument('<groups...>')
    .description('delete groups and their offsets')
    .action(run(deleteGroups))
}

async function listGroups(context: CommandContext): Promise<void> {
  const admin = await context.admin()
  const columns: Column[] = [
    { field: 'groupId', title: 'GROUP' },
    { field: 'state', title: 'STATE' },
    { field: 'protocolType', title: 'PROTOCOL-TYPE' },
    { field: 'type', title: 'TYPE', wide: true },
  ]
  const rows = (await admin.listGroups()).map((group) => ({
    groupId: group.groupId,
    state: group.state ?? null,
    protocolType: group.protocolType,
    type: group.type ?? null,
  }))
  context.terminal.out(renderRows(context.output, columns, rows))
}

async function deleteGroups(context: CommandContext, groups: string[]): Promise<void> {
  const admin = await context.admin()
  await admin.deleteGroups(groups)
  context.terminal.words(`Deleted ${groups.join(', ')}.\n`)
}
