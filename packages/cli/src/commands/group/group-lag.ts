import type { Admin, GroupDescription } from '@rivven/client'
import type { CommandContext } from '../../context.js'
import { Failure, UsageError } from '../../failure.js'
import { withFirstRecords } from '../../lag/first-records.js'
import { beyondEnd, lagColumns } from '../../lag/group-offsets.js'
import { fieldColumns, type LagRow, secondsColumns, shown, totalOf, wideColumns } from '../../lag/lag-row.js'
import { lagByAnyBroker, lagByRivven } from '../../lag/lag-rows.js'
import { aboveText, furthestAbove, type Threshold } from '../../lag/threshold.js'
import { WatchedLag } from '../../lag/watched-lag.js'
import { pause } from '../../terminal/pause.js'
import { flushedUnlessStopped, unlessStopped } from '../../terminal/stop.js'
import { type Column, type Row, renderRows } from '../../text/output.js'
import { requireGroup } from './group-describe.js'

export interface LagOptions {
  all?: boolean
  regex?: RegExp
  seconds?: boolean
  watch?: boolean
  /** Milliseconds. */
  interval: number
  failAbove?: Threshold
  /** Milliseconds. */
  for?: number
}

/** What looks before have shown, where there were some. */
interface Looking extends LagOptions {
  readonly watched?: WatchedLag
}

interface GroupRows {
  readonly group: GroupDescription
  readonly rows: readonly LagRow[]
}

export async function showLag(context: CommandContext, names: readonly string[], options: LagOptions): Promise<void> {
  const admin = await context.admin()
  const groups = await unlessStopped(context.terminal.stop, groupsNamed(admin, names, options))
  if (options.failAbove) return failAbove(context, admin, groups, { ...options, failAbove: options.failAbove })
  return options.watch ? watch(context, admin, groups, options) : look(context, admin, groups, options)
}

async function look(
  context: CommandContext,
  admin: Admin,
  groups: readonly GroupDescription[],
  options: Looking,
): Promise<void> {
  await show(context, await lookAt(context, admin, groups, options), options)
}

/** Who is a member, and owns what, may be different at each look. */
async function watch(
  context: CommandContext,
  admin: Admin,
  groups: readonly GroupDescription[],
  options: LagOptions,
): Promise<void> {
  const names = groups.map(({ groupId }) => groupId)
  const watched = new WatchedLag()
  await look(context, admin, groups, { ...options, watched })
  while (await pause(context, options.interval)) {
    if (context.output === 'table' || context.output === 'wide') context.terminal.out('\n')
    const now = names.length === 0 ? [] : await admin.describeGroups(names)
    await look(context, admin, now, { ...options, watched })
  }
}

/** In what they are asked for: by name, all, or those whose names match. */
async function groupsNamed(
  admin: Admin,
  names: readonly string[],
  { all, regex }: LagOptions,
): Promise<GroupDescription[]> {
  if (names.length === 0 && !all && !regex)
    throw new UsageError('Which group? Name one or more, or say --all or --regex.')
  if (names.length > 0 && (all || regex)) throw new UsageError('Either names of groups, or --all, or --regex.')
  if (names.length > 0) return Promise.all(names.map((name) => requireGroup(admin, name)))
  const listed = (await admin.listGroups()).map(({ groupId }) => groupId).filter((name) => !regex || regex.test(name))
  // A pattern that is mistyped is never above any threshold.
  if (regex && listed.length === 0)
    throw new Failure(
      'absent',
      `No name of a group matches ${regex.source}. \`rivvenctl group list\` shows which there are.`,
    )
  return listed.length === 0 ? [] : admin.describeGroups(listed.sort())
}

async function lookAt(
  context: CommandContext,
  admin: Admin,
  groups: readonly GroupDescription[],
  options: Looking,
): Promise<GroupRows[]> {
  const looks: GroupRows[] = []
  for (const group of groups) looks.push({ group, rows: await rowsOf(context, admin, group, options) })
  return looks
}

/** The five columns need no more than what every broker tells. */
async function rowsOf(
  context: CommandContext,
  admin: Admin,
  group: GroupDescription,
  { seconds, failAbove, watched }: Looking,
): Promise<LagRow[]> {
  const wantsSeconds = seconds === true || (failAbove !== undefined && 'seconds' in failAbove)
  const isPlain = !wantsSeconds && (context.output === 'table' || context.output === 'csv')
  const told = isPlain ? undefined : await lagByRivven(admin, group)
  if (told) return told
  const rows = await lagByAnyBroker(admin, group, { withOwned: !isPlain })
  const timed = wantsSeconds ? await withFirstRecords(context, rows) : rows
  return watched ? watched.seen(group, timed, context.runtime.clock.now()) : timed
}

async function show(context: CommandContext, looks: readonly GroupRows[], options: LagOptions): Promise<void> {
  const { output, terminal } = context
  const isMany = looks.length > 1 || options.all === true || options.regex !== undefined
  const columns = columnsFor(output, options.seconds === true)
  const rows = looks.flatMap(({ group, rows }): Row[] => {
    const lines = output === 'wide' ? [...rows.map(shown), ...(rows.length > 0 ? [totalOf(rows)] : [])] : rows
    return lines.map((line) => ({ groupId: group.groupId, ...line }))
  })
  terminal.out(renderRows(output, isMany ? [{ field: 'groupId', title: 'GROUP' }, ...columns] : columns, rows))
  for (const { group, rows } of looks) terminal.words(beyondEnd(group.groupId, rows) ?? '')
  await flushedUnlessStopped(terminal, context.runtime.clock)
}

function columnsFor(output: CommandContext['output'], seconds: boolean): readonly Column[] {
  if (output === 'wide') return wideColumns
  if (output !== 'table' && output !== 'csv') return fieldColumns
  return seconds ? secondsColumns : lagColumns
}

/** Ends with an error where a group is too far behind, and stays so for as long as is asked. */
async function failAbove(
  context: CommandContext,
  admin: Admin,
  groups: readonly GroupDescription[],
  options: LagOptions & { failAbove: Threshold },
): Promise<void> {
  const { clock } = context.runtime
  const until = clock.monotonic() + (options.for ?? 0)
  for (;;) {
    const looks = await lookAt(context, admin, groups, options)
    const above = looks.flatMap(({ group, rows }) => {
      const row = furthestAbove(rows, options.failAbove)
      return row ? [aboveText(group.groupId, row, options.failAbove)] : []
    })
    const isOver = clock.monotonic() >= until
    if (above.length > 0 && !isOver && (await pause(context, options.interval))) continue
    await show(context, looks, options)
    if (above.length > 0) throw new Failure('above', above.join(' '))
    return
  }
}
