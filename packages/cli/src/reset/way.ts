import type { Admin, GroupDescription } from '@rivven/client'
import type { CommandContext } from '../context.js'
import { Failure } from '../failure.js'
import { saidByRivven } from '../said-by-rivven.js'
import type { Aim } from './aim.js'
import type { ApplyOptions } from './apply-flags.js'
import { byCommit } from './by-commit.js'
import { byRemoval } from './by-removal.js'
import { byRivven } from './by-rivven.js'
import type { Plan } from './plan.js'

/** How the offsets of one group are changed. */
export interface Way {
  readonly plan: Plan
  /** Why it would not be done now; null: it would. */
  readonly refusal: string | null
  /** Does it, and says how that went and how it is taken back. */
  apply(): Promise<string>
}

export interface WayParts {
  readonly context: CommandContext
  readonly admin: Admin
  readonly group: GroupDescription
  readonly aim: Aim
  readonly options: ApplyOptions
}

/**
 * By a request that every broker knows, as long as that will do; by one of Rivven where members are to hand over, where something is
 * to be kept besides the offsets, or where it was kept.
 */
export async function wayOf(parts: WayParts): Promise<Way> {
  const { admin, aim, options, group } = parts
  const isMore = options.live || options.reason !== undefined || aim.kind === 'snapshot'
  if (isMore && (await saidByRivven(admin.call('GET', '/api/meta'))) !== undefined) return byRivven(parts)
  if (aim.kind === 'snapshot') throw noSnapshots()
  return options.live && group.members.length > 0 ? byRemoval({ ...parts, aim }) : byCommit({ ...parts, aim })
}

export function noSnapshots(): Failure {
  const text = 'These are no brokers of Rivven: they keep no snapshots. A reset prints the command that takes it back.'
  return new Failure('failed', text)
}
