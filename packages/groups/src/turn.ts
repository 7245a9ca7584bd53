import type { Decision, GroupResponse, Now, RebalanceCause, RebalanceNote, Reply, Ticket } from './decision.js'
import type { GroupEvent } from './events.js'
import type { Group, Member } from './group.js'
import type { GroupShard } from './shard.js'

/** One command at work on one group: what it reads, and what it has decided so far. */
export class Turn {
  readonly shard: GroupShard
  readonly group: Group
  readonly now: Now
  private readonly events: GroupEvent[] = []
  private readonly replies: Reply[] = []
  private readonly notes: RebalanceNote[] = []

  constructor(shard: GroupShard, group: Group, now: Now) {
    this.shard = shard
    this.group = group
    this.now = now
  }

  emit(event: GroupEvent): void {
    this.events.push(event)
  }

  answer(ticket: Ticket, response: GroupResponse): void {
    this.replies.push({ ticket, response })
  }

  note(kind: RebalanceNote['kind'], why?: { cause?: RebalanceCause; member?: Member; reason?: string | null }): void {
    this.notes.push({
      groupId: this.group.groupId,
      kind,
      generation: this.group.generation,
      cause: why?.cause ?? null,
      memberId: why?.member?.memberId ?? null,
      clientId: why?.member?.clientId ?? null,
      reason: why?.reason ?? null,
      members: this.group.members.size,
    })
  }

  decide(): Decision {
    return { events: this.events, replies: this.replies, deadline: this.group.nextDeadline, notes: this.notes }
  }
}

const nothing: readonly never[] = []

/** A decision that changes nothing and answers one request. */
export function answerOnly(ticket: Ticket, response: GroupResponse, deadline?: number): Decision {
  const decision = { events: nothing, replies: [{ ticket, response }] }
  return deadline === undefined ? decision : { ...decision, deadline }
}

export const noDecision: Decision = { events: nothing, replies: nothing }
