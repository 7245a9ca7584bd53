import type { Admin, GroupDescription } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { Failure } from '../failure.js'
import { isAgreedTo } from '../terminal/agreement.js'
import { type Column, renderRows } from '../text/output.js'
import type { ApplyOptions } from './apply-flags.js'
import { type Change, isReal } from './change.js'
import { commitChanges } from './commit-changes.js'
import { isOfMembers, membersText } from './members.js'
import type { Plan } from './plan.js'
import { undoCommand } from './undo.js'

/** What is to become of one group. */
export interface GroupPlan {
  readonly group: GroupDescription
  readonly plan: Plan
}

interface HowOptions extends ApplyOptions {
  /** Standard input is something else than a keyboard. Default: false. */
  isInputTaken?: boolean
  /** Say of which group each change is. Default: false. */
  isOfSeveral?: boolean
}

/** Throws where a group may not be changed now; a dry run only says so. */
export function mayBeChanged(group: GroupDescription, { dryRun }: ApplyOptions): void {
  if (group.members.length > 0 && !dryRun) throw new Failure('occupied', membersText(group))
}

/** Shows what would change, asks a person who sits there, changes it, and says how to take it back. */
export async function carryOut(
  context: CommandContext,
  admin: Admin,
  plans: readonly GroupPlan[],
  options: HowOptions,
): Promise<void> {
  const { terminal } = context
  for (const each of plans) tellOf(context, each)
  const changes = plans.flatMap(({ group: { groupId }, plan }) =>
    plan.changes.map((change) => ({ groupId, ...change })),
  )
  terminal.out(renderRows(context.output, columnsFor(context, changes, options), changes))
  if (options.dryRun) return terminal.words(dryRunText(plans))
  const real = plans.filter(({ plan }) => plan.changes.some(isReal))
  if (real.length === 0) return terminal.words('Nothing to change: the offsets are there already.\n')
  if (!(await isAgreed(context, options))) throw new Failure('declined', 'Nothing was changed.')
  for (const { group, plan } of real) {
    await apply(admin, group, plan.changes)
    const done = options.isOfSeveral ? `${group.groupId} is done.` : 'Done.'
    terminal.words(`${done} To undo it:\n${undoCommand(group.groupId, plan.changes, context.options)}`)
  }
}

function tellOf({ terminal }: CommandContext, { group: { groupId, state }, plan }: GroupPlan): void {
  for (const { topic, partition } of plan.untouched)
    terminal.words(`${topic}/${partition} stays as it is: nothing is committed there to go by.\n`)
  if (state === 'Dead') terminal.words(`There is no group "${groupId}" yet: this makes it.\n`)
}

function dryRunText(plans: readonly GroupPlan[]): string {
  const refusals = plans.filter(({ group }) => group.members.length > 0).map(({ group }) => membersText(group))
  const refused = refusals.length === 0 ? '' : ` It would be refused now: ${refusals.join(' ')}`
  return `Nothing was changed (--dry-run).${refused}\n`
}

const columns: readonly Column[] = [
  { field: 'topic', title: 'TOPIC' },
  { field: 'partition', title: 'PARTITION' },
  { field: 'oldOffset', title: 'OLD-OFFSET' },
  { field: 'newOffset', title: 'NEW-OFFSET' },
]
const groupColumn: Column = { field: 'groupId', title: 'GROUP' }
const noteColumn: Column = { field: 'note', title: 'NOTE' }

function columnsFor(
  { output }: CommandContext,
  changes: readonly Change[],
  { isOfSeveral }: HowOptions,
): readonly Column[] {
  const isTable = output === 'table' || output === 'wide'
  const hasNotes = !isTable || changes.some(({ note }) => note !== null)
  return [...(isOfSeveral ? [groupColumn] : []), ...columns, ...(hasNotes ? [noteColumn] : [])]
}

async function isAgreed({ terminal }: CommandContext, { yes, execute, isInputTaken }: HowOptions): Promise<boolean> {
  return yes || execute || isInputTaken || isAgreedTo(terminal, 'Change these offsets?')
}

async function apply(admin: Admin, { groupId }: GroupDescription, changes: readonly Change[]): Promise<void> {
  try {
    await commitChanges(admin, groupId, changes)
  } catch (error) {
    throw isOfMembers(error)
      ? new Failure('occupied', `Group "${groupId}" got a member meanwhile: nothing was changed.`)
      : error
  }
}
