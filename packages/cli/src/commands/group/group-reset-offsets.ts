import { type Admin, type GroupDescription, RivvenError } from '@rivven/client'
import type { CommandContext } from '../../context.js'
import { Failure, UsageError } from '../../failure.js'
import { type Change, isReal } from '../../reset/change.js'
import { parseOffsets } from '../../reset/offset-file.js'
import { type Plan, planFromFile, planReset } from '../../reset/plan.js'
import { checkScope, placesOf, type ScopeOptions } from '../../reset/scope.js'
import { type Target, type TargetOptions, targetOf } from '../../reset/target.js'
import { undoCommand } from '../../reset/undo.js'
import { isAgreedTo } from '../../terminal/agreement.js'
import { contentOf } from '../../terminal/read-file.js'
import { commandText } from '../../text/command-text.js'
import { type Column, renderRows } from '../../text/output.js'
import { listed } from '../../text/words.js'

export interface ResetOptions extends TargetOptions, ScopeOptions {
  create?: boolean
  dryRun?: boolean
  yes?: boolean
  execute?: boolean
}

const columns: Column[] = [
  { field: 'topic', title: 'TOPIC' },
  { field: 'partition', title: 'PARTITION' },
  { field: 'oldOffset', title: 'OLD-OFFSET' },
  { field: 'newOffset', title: 'NEW-OFFSET' },
  { field: 'note', title: 'NOTE' },
]

/** Shows what would change, asks a person who sits there, changes it, and says how to take it back. */
export async function resetOffsets(context: CommandContext, groupId: string, options: ResetOptions): Promise<void> {
  const { terminal } = context
  if (options.dryRun && options.execute) throw new UsageError('--dry-run and --execute say opposite things.')
  const target = targetOf(options, context.runtime.clock.now())
  checkScope(options, target.kind === 'file')
  const admin = await context.admin()
  const [group] = await admin.describeGroups([groupId])
  const isMade = group!.state === 'Dead'
  if (isMade && !options.create) throw new Failure('absent', unknownGroup(groupId))
  const refusal = membersRefusal(group!)
  if (refusal !== null && !options.dryRun) throw new Failure('occupied', refusal)
  const { changes, untouched } = await planOf(context, admin, groupId, target, options)
  for (const { topic, partition } of untouched)
    terminal.words(`${topic}/${partition} stays as it is: nothing is committed there to shift from.\n`)
  if (isMade) terminal.words(`There is no group "${groupId}" yet: this makes it.\n`)
  terminal.out(renderRows(context.output, columnsFor(context, changes), changes))
  if (options.dryRun) {
    terminal.words(
      `Nothing was changed (--dry-run).${refusal === null ? '' : ` It would be refused now: ${refusal}`}\n`,
    )
    return
  }
  if (!changes.some(isReal)) return terminal.words('Nothing to change: the offsets are there already.\n')
  if (!(await isAgreed(context, options))) throw new Failure('declined', 'Nothing was changed.')
  await apply(admin, groupId, changes)
  terminal.words(`Done. To undo it:\n${undoCommand(groupId, changes, context.options)}`)
}

/** Most often its name is mistyped; offsets of a group that nobody joins would stay for days. */
function unknownGroup(groupId: string): string {
  return `There is no group "${groupId}". \`rivvenctl group list\` shows which there are; --create makes one with these offsets, before its members start.`
}

/** Offsets under a living member would be overwritten by its next commit: the coordinator does not take them either. */
function membersRefusal({ groupId, state, members }: GroupDescription): string | null {
  if (members.length === 0) return null
  const [noun, them, their] = members.length === 1 ? ['member', 'it', 'its'] : ['members', 'them', 'their']
  const names = listed(
    members.map(({ groupInstanceId, clientId, memberId }) => groupInstanceId ?? (clientId || memberId)),
    10,
  )
  const text = `Group "${groupId}" (${state}) has ${members.length} ${noun} (${names}): stop ${them} first, ${their} next commit would undo the reset.`
  const isStatic = members.some(({ groupInstanceId }) => groupInstanceId !== null)
  if (!isStatic) return text
  const remove = commandText('group remove-member', [groupId], ['--instance-id', 'ID'])
  return `${text} A static member stays in the group when it is stopped: \`${remove}\`.`
}

async function planOf(
  context: CommandContext,
  admin: Admin,
  groupId: string,
  target: Target,
  options: ResetOptions,
): Promise<Plan> {
  const offsets =
    target.kind === 'file'
      ? parseOffsets((await contentOf(context.terminal, target.path)).toString(), target.path, groupId)
      : []
  const committed = await admin.listGroupOffsets(groupId)
  if (target.kind === 'file') return planFromFile(admin, offsets, committed)
  const places = await placesOf(admin, options, committed)
  if (places.length === 0) throw new Error(`Group "${groupId}" has no offsets: name topics with --topic.`)
  const plan = await planReset(admin, target, places, committed)
  if (plan.changes.length > 0) return plan
  throw new Error(
    `Group "${groupId}" has no offsets there to shift from: take --to-offset, --to-earliest or --to-latest.`,
  )
}

function columnsFor({ output }: CommandContext, changes: readonly Change[]): readonly Column[] {
  const isTable = output === 'table' || output === 'wide'
  return isTable && changes.every(({ note }) => note === null) ? columns.slice(0, -1) : columns
}

async function isAgreed({ terminal }: CommandContext, { yes, execute, fromFile }: ResetOptions): Promise<boolean> {
  // The keyboard's place may be taken by the offsets.
  if (yes || execute || fromFile === '-') return true
  return isAgreedTo(terminal, 'Change these offsets?')
}

async function apply(admin: Admin, groupId: string, changes: readonly Change[]): Promise<void> {
  const real = changes.filter(isReal)
  const set = real.flatMap(({ topic, partition, newOffset }) =>
    newOffset === null ? [] : [{ topic, partition, offset: newOffset }],
  )
  const forgotten = real.filter(({ newOffset }) => newOffset === null)
  try {
    if (set.length > 0) await admin.alterGroupOffsets(groupId, set)
    if (forgotten.length > 0) await admin.deleteGroupOffsets(groupId, forgotten)
  } catch (error) {
    throw joinedMeanwhile(error)
      ? new Failure('occupied', `Group "${groupId}" got a member meanwhile: nothing was changed.`)
      : error
  }
}

function joinedMeanwhile(error: unknown): boolean {
  const codes = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS']
  return error instanceof RivvenError && codes.includes(error.code)
}
