import type { LoopFact } from '../../facts/broker-facts.js'
import type { DepartureFact } from '../../facts/history-facts.js'

/**
 * Why heartbeats of a member stayed away. broker: ours stood still, and could not read them. ended: its connection was closed before.
 * paused: it came back under its old id and did not know that time had passed. network: others at its host fell silent in the same
 * moment. unknown: its connection stayed, and nobody has heard of it since.
 */
export type Verdict = 'broker' | 'ended' | 'paused' | 'network' | 'unknown'

/** So close together is the same moment: members send heartbeats every few seconds. */
const momentMs = 5_000

export function verdictOn(gone: DepartureFact, others: readonly DepartureFact[], loop: LoopFact | undefined): Verdict {
  if (stoodStill(gone, loop)) return 'broker'
  if (gone.disconnectedAt !== null) return 'ended'
  if (gone.knewNothing) return 'paused'
  return others.some((other) => fellSilentTogether(gone, other)) ? 'network' : 'unknown'
}

function stoodStill({ at, lastHeardAt, sessionTimeoutMs }: DepartureFact, loop: LoopFact | undefined): boolean {
  const from = lastHeardAt ?? at - sessionTimeoutMs
  return loop?.stalls.some((stall) => stall.ms > sessionTimeoutMs / 3 && stall.from <= at && stall.to >= from) === true
}

function fellSilentTogether(one: DepartureFact, other: DepartureFact): boolean {
  if (one.memberId === other.memberId || one.clientHost !== other.clientHost || other.disconnectedAt !== null)
    return false
  return (
    one.lastHeardAt !== null && other.lastHeardAt !== null && Math.abs(one.lastHeardAt - other.lastHeardAt) <= momentMs
  )
}
