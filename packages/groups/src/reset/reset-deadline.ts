import { completeJoinPhase, prepareRebalance, type RebalanceReason } from '../classic/rebalance.js'
import type { StoryMember } from '../rebalance-note.js'
import type { Turn } from '../turn.js'
import { putOutAbsent } from './hand-over.js'
import type { RunningReset } from './running-reset.js'

/** To be asked whenever a group's deadline has come: what a reset waits for no longer. */
export function goOnWithReset(turn: Turn): void {
  const { group, now } = turn
  const { reset } = group
  if (!reset) return
  if (!reset.isOver && reset.deadline <= now.monotonic) endHandover(turn, reset)
  else if (isDrained(turn, reset)) prepareRebalance(turn, whyReset(reset))
}

/** When `goOnWithReset` has something to do; Infinity: never. */
export function resetDeadline({ group, now }: Turn): number {
  const { reset } = group
  if (!reset || reset.isOver) return Number.POSITIVE_INFINITY
  return isDrained({ group }, reset) ? now.monotonic : reset.deadline
}

/** All know that they have nothing: nothing is waited for but that they join again. */
export function isDrained({ group }: Pick<Turn, 'group'>, { stage }: RunningReset): boolean {
  return stage === 'drained' && group.state === 'Stable' && group.pendingSync.size === 0
}

export function whyReset({ request, who }: RunningReset): RebalanceReason {
  return { cause: 'offsets reset', reason: request.reason, asker: askerOf(who) }
}

/** Who asked, as stories name whoever causes something. */
function askerOf({ by, from, tool }: RunningReset['who']): StoryMember {
  return { memberId: tool, groupInstanceId: null, clientId: by === '' ? tool : by, clientHost: from }
}

/** Who has not joined is out, also of a generation that was to make them hand over; then the offsets change. */
function endHandover(turn: Turn, reset: RunningReset): void {
  const { group } = turn
  reset.isOver = true
  if (group.state !== 'PreparingRebalance') prepareRebalance(turn, whyReset(reset))
  if (group.reset !== reset) return
  putOutAbsent(turn, reset)
  completeJoinPhase(turn)
}
