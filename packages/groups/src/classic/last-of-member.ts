import type { Member } from '../group.js'
import type { LastOfMember } from '../rebalance-note.js'
import { disconnectedSince } from './disconnected.js'

/** What is known of a member that is about to go, or that has just gone. */
export function lastOf(member: Member): LastOfMember {
  const { sessionTimeoutMs, rebalanceTimeoutMs, isNew, deadline } = member
  const isKnown = !isNew && deadline !== Number.POSITIVE_INFINITY
  return {
    sessionTimeoutMs,
    rebalanceTimeoutMs,
    // A session is renewed by whatever is heard, so its end tells when that was.
    heardAt: isKnown ? deadline - sessionTimeoutMs : null,
    disconnectedAt: disconnectedSince(member),
  }
}
