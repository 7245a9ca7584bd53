import type { Command } from 'commander'
import { UsageError } from '../failure.js'
import { duration } from '../text/durations.js'

/** How changes of offsets are made, once it is known which. */
export interface ApplyOptions {
  create?: boolean
  dryRun?: boolean
  yes?: boolean
  execute?: boolean
  /** In milliseconds. */
  waitEmpty?: number
}

export function addApplyFlags(command: Command): Command {
  return command
    .option('--create', 'make the group if there is none of this name')
    .option('--wait-empty <duration>', 'wait so long for the members to be gone', duration)
    .option('--dry-run', 'only show what would change')
    .option('-y, --yes', 'do not ask')
    .option('--execute', 'the same as --yes')
}

export function checkApply({ dryRun, execute }: ApplyOptions): void {
  if (dryRun && execute) throw new UsageError('--dry-run and --execute say opposite things.')
}
