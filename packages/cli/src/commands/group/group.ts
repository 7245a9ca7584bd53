import { type Command, InvalidArgumentError } from 'commander'
import { count, positive, type Run, repeated, repeatedCount, wholeNumber } from '../../command-line.js'
import type { CommandContext } from '../../context.js'
import { deleteEach } from '../../delete-each.js'
import { UsageError } from '../../failure.js'
import { threshold } from '../../lag/threshold.js'
import { addApplyFlags } from '../../reset/apply-flags.js'
import { duration, moment, momentOrAgo } from '../../text/durations.js'
import { type Column, renderRows } from '../../text/output.js'
import { describeGroup } from './group-describe.js'
import { explainGroup } from './group-explain.js'
import { exportOffsets } from './group-export.js'
import { importOffsets } from './group-import.js'
import { showLag } from './group-lag.js'
import { removeMember } from './group-remove-member.js'
import { resetOffsets } from './group-reset-offsets.js'
import { showSnapshots } from './group-snapshots.js'
import { showTimeline } from './group-timeline.js'
import { undoReset } from './group-undo.js'
import { watchGroups } from './group-watch.js'

export function addGroupCommands(program: Command, run: Run): void {
  const group = program.command('group').description('see what consumer groups do, and move their offsets')
  addLookingCommands(group, run)
  addResetCommand(group, run)
  addUndoCommands(group, run)
  addFileCommands(group, run)
  group
    .command('remove-member')
    .argument('<group>')
    .option('--instance-id <id>', 'a static member, by its group_instance_id; again for more', repeated)
    .option('--member-id <id>', 'a member, by the id that the group gave it (`group describe --members`)', repeated)
    .option('--reason <text>', 'kept with the rebalance that follows')
    .description('remove members from a group; those that are alive join again')
    .action(run(removeMember))
  group
    .command('delete')
    .argument('<groups...>')
    .description('delete groups and their offsets')
    .action(run(deleteGroups))
}

function addLookingCommands(group: Command, run: Run): void {
  group
    .command('list')
    .option('--state <states>', 'only groups in these states, as Stable,Empty', repeated)
    .description('list groups')
    .action(run(listGroups))
  group
    .command('describe')
    .argument('<group>')
    .option('--state', 'coordinator, state, assignor and number of members')
    .option('--members', 'members with host, client id, instance id and assignment')
    .option('--offsets', 'offsets, lag and owner of each partition')
    .description('members, what they own, and lag of a group')
    .action(run(describeGroup))
  group
    .command('lag')
    .argument('[groups...]')
    .option('--all', 'all groups')
    .option('--regex <pattern>', 'groups whose names match', pattern)
    .option('--seconds', 'since when the first record that waits is there, in seconds')
    .option('-w, --watch', 'again and again, until Ctrl-C')
    .option('--interval <ms>', 'pause between two looks', positive, 1000)
    .option('--fail-above <limit>', 'exit status 8 if a partition is further behind: 10000 (records) or 30s', threshold)
    .option('--for <duration>', 'with --fail-above: if it stays so for so long', duration)
    .description('how far groups are behind, a partition a line')
    .action(run(showLag, { endsItself: true }))
  group
    .command('watch')
    .argument('[group]')
    .description('groups, or one of them, on the whole screen, as they change')
    .action(run(watchGroups, { endsItself: true }))
  group
    .command('timeline')
    .argument('<group>')
    .option('-n, --limit <count>', 'the last so many (default 20; with --since all)', positive)
    .option('--since <time>', 'only since then: 1h, 2d, 2026-01-31T18:00:00Z', momentOrAgo)
    .description('the rebalances of a group, one a line, newest last')
    .action(run(showTimeline))
  group
    .command('explain')
    .argument('<group>')
    .option('--since <time>', 'how far back patterns are looked for (default 1h)', momentOrAgo)
    .description('why a group rebalanced, in words, and what to do about it')
    .action(run(explainGroup))
}

function addResetCommand(group: Command, run: Run): void {
  const reset = group
    .command('reset-offsets')
    .argument('<group>')
    .option('-t, --topic <topic>', 'topic whose offsets move, again for more; orders:0,1 for some partitions', repeated)
    .option('--all-topics', 'all topics in which the group has committed')
    .option('--partition <number...>', 'these partitions only', repeatedCount)
    .option('--to-earliest', 'to the first record there is')
    .option('--to-latest', 'behind the last record')
    .option('--to-offset <offset>', 'to this offset', count)
    .option(
      '--to-datetime <time>',
      'to the first record since then: 2026-01-31T18:00:00Z (without a zone: UTC)',
      moment,
    )
    .option('--by-duration <duration>', 'to the first record of the last 90s, 1h30m, 2d or PT1H', duration)
    .option('--shift-by <count>', 'so many records forward, or back with -N', wholeNumber)
    .option('--to-current', 'to what is committed; to the end where nothing is')
    .option('--from-file <path>', 'to what a file says (- is standard input): topic,partition,offset')
    .option('--from-group <group>', 'to where another group stands')
    .option('--from-snapshot <id>', 'to what was before a change (`group snapshots`)', positive)
  addApplyFlags(reset).description('move the committed offsets of a group').action(run(resetOffsets))
}

function addUndoCommands(group: Command, run: Run): void {
  group
    .command('snapshots')
    .argument('<group>')
    .description('what offsets were before somebody changed them: the last ten changes of seven days')
    .action(run(showSnapshots))
  const undo = group
    .command('undo')
    .argument('<group>')
    .argument('[id]', 'of a snapshot (default: the newest)', positive)
  addApplyFlags(undo).description('take a change of offsets back, after showing what changes').action(run(undoReset))
}

function addFileCommands(group: Command, run: Run): void {
  group
    .command('export')
    .argument('[groups...]')
    .option('--all', 'all groups')
    .description('write what groups have committed, for `group import` and for tools of Kafka')
    .action(run(exportOffsets))
  const from = group
    .command('import')
    .argument('<file>', 'what `group export` has written; - is standard input')
    .option(
      '-g, --group <group>',
      'only this one, again for more; of whom the file is, where it does not say',
      repeated,
    )
  addApplyFlags(from)
    .description('set the offsets that a file holds, after showing what changes')
    .action(run(importOffsets))
}

function pattern(word: string): RegExp {
  try {
    return new RegExp(word)
  } catch {
    throw new InvalidArgumentError('That is no regular expression.')
  }
}

const groupStates = ['Stable', 'PreparingRebalance', 'CompletingRebalance', 'Empty', 'Dead', 'Assigning', 'Reconciling']

async function listGroups(context: CommandContext, options: { state?: string[] }): Promise<void> {
  const states = (options.state ?? []).flatMap((word) => word.split(',')).map(stateNamed)
  const admin = await context.admin()
  const columns: Column[] = [
    { field: 'groupId', title: 'GROUP' },
    { field: 'state', title: 'STATE' },
    { field: 'protocolType', title: 'PROTOCOL-TYPE' },
    { field: 'type', title: 'TYPE', wide: true },
    { field: 'coordinator', title: 'COORDINATOR', wide: true },
  ]
  const rows = (await admin.listGroups({ states })).map((group) => ({
    groupId: group.groupId,
    state: group.state ?? null,
    protocolType: group.protocolType,
    type: group.type ?? null,
    coordinator: group.coordinator,
  }))
  context.terminal.out(renderRows(context.output, columns, rows))
}

/** As Kafka writes it: `stable` and `preparing-rebalance` will do. */
function stateNamed(word: string): string {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '')
  const found = groupStates.find((state) => plain(state) === plain(word))
  if (found) return found
  throw new UsageError(`"${word}" is no state of a group. There are ${groupStates.join(', ')}.`)
}

async function deleteGroups(context: CommandContext, groups: string[]): Promise<void> {
  const admin = await context.admin()
  await deleteEach(context, 'group', groups, (wanted) => admin.deleteGroups(wanted))
}
