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
  live?: boolean
  /** In milliseconds. Default 30000. */
  handover?: number
  reason?: string
  force?: boolean
}

export function addApplyFlags(command: Command): Command {
  return addLiveFlags(command)
    .option('--create', 'make the group if there is none of this name')
    .option('--wait-empty <duration>', 'wait so long for the members to be gone', duration)
    .option('--dry-run', 'only show what would change')
    .option('-y, --yes', 'do not ask')
    .option('--execute', 'the same as --yes')
}

function addLiveFlags(command: Command): Command {
  return command
    .option('--live', 'also while the group has members: they hand over first')
    .option('--handover <duration>', 'with --live: how long they have (default 30s); 0: they are put out', handover)
    .option('--reason <text>', 'why; kept with the snapshot and the rebalance')
    .option('--force', 'although commits of transactions may come that nothing fences')
}

function handover(word: string): number {
  return word === '0' ? 0 : duration(word)
}

export function checkApply({ dryRun, execute, live, handover, waitEmpty }: ApplyOptions): void {
  if (dryRun && execute) throw new UsageError('--dry-run and --execute say opposite things.')
  if (handover !== undefined && !live) throw new UsageError('--handover goes with --live.')
  if (live && waitEmpty !== undefined)
    throw new UsageError('--live does not wait for members to be gone: leave it out, or --wait-empty.')
}
