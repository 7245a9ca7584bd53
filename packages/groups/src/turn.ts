import type { Decision, GroupResponse, Now, Reply, Ticket } from './decision.js'
import type { GroupEvent } from './events.js'
import type { Group, Member } from './group.js'
import type { RebalanceCause, RebalanceFacts, RebalanceNote, StoryMember } from './rebalance-note.js'
import type { GroupShard } from './shard.js'

export interface NoteReason {
  readonly cause?: RebalanceCause
  readonly member?: Member
  readonly reason?: string | null
  readonly facts?: RebalanceFacts
}

/** One command at work on one group: what it reads, and what it has decided so far. */
export class Turn {
  readonly shard: GroupShard
  readonly group: Group
  readonly now: Now
  private readonly events: GroupEvent[] = []
  private readonly replies: Reply[] = []
  private readonly notes: RebalanceNote[] = []
  private isWhole = false

  constructor(shard: GroupShard, group: Group, now: Now) {
    this.shard = shard
    this.group = group
    this.now = now
  }

  emit(event: GroupEvent): void {
    this.events.push(event)
  }

  /** What is decided here is stored together or not at all. */
  storeWhole(): void {
    this.isWhole = true
  }

  answer(ticket: Ticket, response: GroupResponse): void {
    this.replies.push({ ticket, response })
  }

  note(kind: RebalanceNote['kind'], why: NoteReason = {}): void {
    this.notes.push(noteOf(this.group, kind, why))
  }

  decide(): Decision {
    const { events, replies, notes, group } = this
    return { events, replies, deadline: group.nextDeadline, notes, isWhole: this.isWhole }
  }
}

/** A line of a group's story, as the group is now. */
export function noteOf(group: Group, kind: RebalanceNote['kind'], why: NoteReason = {}): RebalanceNote {
  const { cause, member, reason, facts } = why
  return {
    groupId: group.groupId,
    kind,
    generation: group.generation,
    cause: cause ?? null,
    memberId: member?.memberId ?? null,
    clientId: member?.clientId ?? null,
    reason: reason ?? null,
    members: group.members.size,
    facts: member ? { ...facts, member: storyMember(member) } : (facts ?? noFacts),
  }
}

/** A member's name in stories. Members change; their names in stories do not. */
export function storyMember({ memberId, groupInstanceId, clientId, clientHost }: Member): StoryMember {
  return { memberId, groupInstanceId, clientId, clientHost }
}

const noFacts: RebalanceFacts = {}

const nothing: readonly never[] = []

/** A decision that changes nothing and answers one request. */
export function answerOnly(ticket: Ticket, response: GroupResponse, deadline?: number): Decision {
  const decision = { events: nothing, replies: [{ ticket, response }] }
  return deadline === undefined ? decision : { ...decision, deadline }
}

export const noDecision: Decision = { events: nothing, replies: nothing }
