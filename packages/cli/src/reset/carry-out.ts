import type { GroupDescription } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { Failure } from '../failure.js'
import { isAgreedTo } from '../terminal/agreement.js'
import { type Column, renderRows } from '../text/output.js'
import type { ApplyOptions } from './apply-flags.js'
import { type Change, isReal } from './change.js'
import type { Way } from './way.js'

/** What is to become of one group. */
export interface GroupPlan {
  readonly group: GroupDescription
  readonly way: Way
}

interface HowOptions extends ApplyOptions {
  /** Standard input is something else than a keyboard. Default: false. */
  isInputTaken?: boolean
  /** Say of which group each change is. Default: false. */
  isOfSeveral?: boolean
}

/** Shows what would change, asks a person who sits there, changes it, and says how to take it back. */
export async function carryOut(
  context: CommandContext,
  plans: readonly GroupPlan[],
  options: HowOptions,
): Promise<void> {
  const { terminal } = context
  const [refusal] = refusalsOf(plans)
  if (refusal !== undefined && !options.dryRun) throw new Failure('occupied', refusal)
  for (const each of plans) tellOf(context, each)
  const changes = plans.flatMap(({ group: { groupId }, way }) =>
    way.plan.changes.map((change) => ({ groupId, ...change })),
  )
  terminal.out(renderRows(context.output, columnsFor(context, changes, options), changes))
  if (options.dryRun) return terminal.words(dryRunText(plans))
  const real = plans.filter(({ way }) => way.plan.changes.some(isReal))
  if (real.length === 0) return terminal.words('Nothing to change: the offsets are there already.\n')
  if (!(await isAgreed(context, options))) throw new Failure('declined', 'Nothing was changed.')
  for (const { group, way } of real) {
    const done = await way.apply()
    terminal.words(options.isOfSeveral ? `${group.groupId}: ${done}` : done)
  }
}

function refusalsOf(plans: readonly GroupPlan[]): string[] {
  return plans.flatMap(({ way }) => way.refusal ?? [])
}

function tellOf({ terminal }: CommandContext, { group: { groupId, state }, way }: GroupPlan): void {
  for (const { topic, partition } of way.plan.untouched)
    terminal.words(`${topic}/${partition} stays as it is: nothing is committed there to go by.\n`)
  if (state === 'Dead') terminal.words(`There is no group "${groupId}" yet: this makes it.\n`)
}

function dryRunText(plans: readonly GroupPlan[]): string {
  const refusals = refusalsOf(plans)
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
