import { type Admin, type CommittedOffset, RivvenError } from '@rivven/client'
import type { CommandContext } from '../../context.js'
import { UsageError } from '../../failure.js'
import { type Column, type OutputFormat, type Row, renderRows } from '../../text/output.js'
import { requireGroup } from './group-describe.js'

const columns: readonly Column[] = ['group', 'topic', 'partition', 'offset', 'metadata'].map((field) => ({
  field,
  title: field.toUpperCase(),
}))

/** Writes what groups have committed: what `group import` and Kafka's tools read again. */
export async function exportOffsets(
  context: CommandContext,
  names: readonly string[],
  { all }: { all?: boolean },
): Promise<void> {
  if ((names.length === 0) === !all) throw new UsageError('Which groups? Name one or more, or say --all.')
  const admin = await context.admin()
  const groups = all ? (await admin.listGroups()).map(({ groupId }) => groupId) : [...new Set(names)]
  const committedBy = all ? committedIfAny : committedByNamed
  const rows: Row[] = []
  for (const group of groups)
    rows.push(...(await committedBy(admin, group)).sort(byPlace).map((place) => rowOf(group, place)))
  const isOfSeveral = all === true || groups.length > 1
  context.terminal.out(written(context.options.output, rows, isOfSeveral))
  if (rows.length === 0) context.terminal.words('Nothing is committed.\n')
}

/** An empty answer may mean that there is no such group. */
async function committedByNamed(admin: Admin, group: string): Promise<CommittedOffset[]> {
  const committed = await admin.listGroupOffsets(group)
  if (committed.length === 0) await requireGroup(admin, group)
  return committed
}

/** Of all that are listed one may be gone by now, or be of a kind that commits nothing, as share groups are. */
async function committedIfAny(admin: Admin, group: string): Promise<CommittedOffset[]> {
  try {
    return await admin.listGroupOffsets(group)
  } catch (error) {
    if (error instanceof RivvenError && error.code === 'GROUP_ID_NOT_FOUND') return []
    throw error
  }
}

function byPlace(a: CommittedOffset, b: CommittedOffset): number {
  return a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition
}

function rowOf(group: string, { topic, partition, offset, metadata }: CommittedOffset): Row {
  return { group, topic, partition, offset, metadata }
}

/** Without -o as `kafka-consumer-groups --export` writes it: without titles, the group in front where there are several. */
function written(format: OutputFormat | undefined, rows: readonly Row[], isOfSeveral: boolean): string {
  if (format !== undefined) return renderRows(format, columns, rows)
  return rows
    .map(({ group, topic, partition, offset }) => {
      const cells = [...(isOfSeveral ? [groupCell(String(group))] : []), topic, partition, offset]
      return `${cells.join(',')}\n`
    })
    .join('')
}

/** Any name, so that it is read again as the same one, and no line is taken for a comment. */
function groupCell(name: string): string {
  if (/[\r\n]/.test(name)) throw new UsageError(`The name of group ${JSON.stringify(name)} is no line: take -o json.`)
  return /^[\w.-]+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}
