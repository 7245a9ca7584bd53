import type { RebalanceStory, StoryMember } from '@rivven/client'

/** A member whose id is made of its name. */
export function memberNamed(name: string, groupInstanceId: string | null = null): StoryMember {
  const memberId = `${groupInstanceId ?? name}-11112222-3333-4444-5555-666677778888`
  return { memberId, groupInstanceId, clientId: name, clientHost: '/10.0.0.7' }
}

/** A rebalance of an unremarkable kind, with what a test cares about in its place. */
export function storyOf(facts: Partial<RebalanceStory> = {}): RebalanceStory {
  return {
    groupId: 'orders',
    generation: 12,
    startedAt: 1_000_000,
    endedAt: 1_003_000,
    outcome: 'stable',
    cause: 'member joined',
    culprit: memberNamed('app-3'),
    reason: null,
    phases: { joinMs: 2900, syncMs: 100 },
    late: [],
    membersBefore: 2,
    membersAfter: 3,
    joined: [],
    joinedCount: 0,
    left: [],
    leftCount: 0,
    protocol: { elected: 'range', votes: { range: 3 }, refused: [] },
    partitions: { moved: 2, kept: 4, assigned: 6, released: 0, moves: [] },
    ...facts,
  }
}
