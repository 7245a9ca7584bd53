import type { Now } from '../decision.js'
import type { StoredGroup } from '../events.js'
import type { Election, LateMember, RebalanceCause, RebalanceNote, StoryMember } from '../rebalance-note.js'
import type { LeftMember, RebalanceStory } from './story.js'

/** A rebalance that ended, with its assignments as they were stored: `tellStory` reads them when there is time. */
export interface EndedRebalance {
  readonly story: Omit<RebalanceStory, 'partitions'>
  readonly before: StoredGroup | null
  /** Null: it ended without an assignment. */
  readonly after: StoredGroup | null
}

/** A rebalance under way. */
interface OpenRebalance extends People {
  readonly groupId: string
  readonly startedAt: number
  /** Monotonic. */
  readonly since: number
  readonly cause: RebalanceCause
  readonly culprit: StoryMember | null
  readonly reason: string | null
  readonly before: StoredGroup | null
  readonly membersBefore: number
  /** Monotonic; null while members join. */
  formedAt: number | null
  generation: number
  election: Election
}

/** Who came, went and kept others waiting. */
interface People {
  readonly joined: StoryMember[]
  joinedCount: number
  readonly left: LeftMember[]
  leftCount: number
  readonly late: LateMember[]
}

type Outcome = RebalanceStory['outcome']

/** So many names are kept of each list. */
const mostNamed = 20
const longestText = 255

/**
 * Makes stories of what groups note. Holds only rebalances that are under way, and costs nothing while there are none:
 * names are copied, assignments are kept by reference.
 */
export class Timeline {
  readonly #open = new Map<string, OpenRebalance>()

  /** Takes the notes of one decision, in order, and gives the rebalances that ended with it. */
  take(notes: readonly RebalanceNote[], now: Now): EndedRebalance[] {
    const ended: EndedRebalance[] = []
    // Who comes or goes right before a rebalance starts belongs to it, not to the one that it supersedes.
    let people = nobody()
    for (const note of notes) {
      switch (note.kind) {
        case 'joined':
        case 'left':
        case 'removed':
          addPerson(people, note)
          break
        case 'started': {
          const superseded = this.#open.get(note.groupId)
          const next = opened(note, people, now)
          const last = { ...note, members: next.membersBefore }
          if (superseded) ended.push(this.#end(superseded, last, { outcome: 'superseded', now }))
          this.#open.set(note.groupId, next)
          people = nobody()
          break
        }
        default:
          people = this.#settlePeople(note.groupId, people)
          ended.push(...this.#goOn(note, now))
      }
    }
    const last = notes.at(-1)
    if (last) this.#settlePeople(last.groupId, people)
    return ended
  }

  #settlePeople(groupId: string, people: People): People {
    const open = this.#open.get(groupId)
    if (open) addPeople(open, people)
    return nobody()
  }

  #goOn(note: RebalanceNote, now: Now): EndedRebalance[] {
    const open = this.#open.get(note.groupId)
    switch (note.kind) {
      case 'formed':
        if (open) form(open, note, now)
        return []
      case 'stable':
        if (open) addLeaderAsLate(open, note, now)
        return open ? [this.#end(open, note, { outcome: 'stable', now })] : []
      case 'emptied':
        if (open) form(open, note, now)
        return open ? [this.#end(open, note, { outcome: 'emptied', now })] : []
      case 'interrupted':
        return [this.#end(open ?? unknownStart(note, now), note, { outcome: 'coordinator moved', now })]
      case 'deleted':
        return [this.#end({ ...unknownStart(note, now), cause: 'admin' }, note, { outcome: 'deleted', now })]
      default:
        return []
    }
  }

  #end(open: OpenRebalance, note: RebalanceNote, { outcome, now }: { outcome: Outcome; now: Now }): EndedRebalance {
    this.#open.delete(open.groupId)
    const { groupId, startedAt, since, cause, culprit, reason, before, membersBefore, formedAt, generation } = open
    const { joined, joinedCount, left, leftCount, late, election } = open
    const joinEnd = formedAt ?? now.monotonic
    const story = {
      groupId,
      generation,
      startedAt,
      // The wall clock may be set back; time that passed does not.
      endedAt: startedAt + elapsed(since, now.monotonic),
      outcome,
      cause,
      culprit,
      reason,
      phases: {
        joinMs: elapsed(since, joinEnd),
        syncMs: outcome === 'stable' ? elapsed(joinEnd, now.monotonic) : null,
      },
      late: inOrder(late),
      membersBefore,
      membersAfter: note.members,
      joined,
      joinedCount,
      left,
      leftCount,
      protocol: election,
    }
    return { story, before, after: note.facts.settled && endsWithAssignment(outcome) ? note.facts.settled : null }
  }
}

function endsWithAssignment(outcome: Outcome): boolean {
  return outcome === 'stable' || outcome === 'emptied'
}

function opened(note: RebalanceNote, people: People, now: Now): OpenRebalance {
  const { groupId, cause, reason, members, facts } = note
  return {
    ...people,
    groupId,
    startedAt: Math.round(now.wall),
    since: now.monotonic,
    cause: cause ?? 'coordinator moved',
    culprit: cause === 'coordinator moved' || !facts.member ? null : named(facts.member),
    reason: spoken(reason),
    before: facts.settled ?? null,
    membersBefore: Math.max(0, members + people.leftCount - people.joinedCount),
    formedAt: null,
    generation: 0,
    election: noElection,
  }
}

/** Only its end was seen. */
function unknownStart(note: RebalanceNote, now: Now): OpenRebalance {
  const { groupId, generation, members } = note
  const open = opened({ ...note, cause: 'coordinator moved', facts: {} }, nobody(), now)
  return { ...open, groupId, generation: note.kind === 'deleted' ? 0 : generation, membersBefore: members }
}

const noElection: Election = { elected: null, votes: {}, refused: [] }

function form(open: OpenRebalance, { generation, facts }: RebalanceNote, now: Now): void {
  open.formedAt = now.monotonic
  open.generation = generation
  open.election = facts.election ?? noElection
  addLate(open, facts.late)
}

/** All wait for the leader's assignment, so it is the one that was late. */
function addLeaderAsLate(open: OpenRebalance, { facts }: RebalanceNote, now: Now): void {
  const waitedMs = elapsed(open.formedAt ?? now.monotonic, now.monotonic)
  if (waitedMs > 0 && facts.member) addLate(open, [{ ...facts.member, phase: 'sync', waitedMs, removed: false }])
}

function nobody(): People {
  return { joined: [], joinedCount: 0, left: [], leftCount: 0, late: [] }
}

function addPerson(people: People, note: RebalanceNote): void {
  const { member, late } = note.facts
  if (!member) return
  if (note.kind === 'joined') {
    people.joinedCount++
    if (people.joined.length < mostNamed) people.joined.push(named(member))
    return
  }
  people.leftCount++
  if (people.left.length < mostNamed) people.left.push({ ...named(member), why: whyGone(note) })
  addLate(people, late)
}

function addPeople(open: OpenRebalance, { joined, joinedCount, left, leftCount, late }: People): void {
  open.joinedCount += joinedCount
  open.joined.push(...joined.slice(0, mostNamed - open.joined.length))
  open.leftCount += leftCount
  open.left.push(...left.slice(0, mostNamed - open.left.length))
  addLate(open, late)
}

function addLate(people: People, late: readonly LateMember[] = []): void {
  for (const member of late) {
    if (people.late.length < mostNamed) people.late.push({ ...member, ...named(member) })
  }
}

function inOrder(late: readonly LateMember[]): LateMember[] {
  return [...late].sort((a, b) => Number(b.removed) - Number(a.removed) || b.waitedMs - a.waitedMs)
}

function whyGone({ cause, reason }: RebalanceNote): string {
  const said = reason ? `: ${spoken(reason)}` : ''
  switch (cause) {
    case 'session expired':
      return 'its session expired'
    case 'member did not join':
      return 'it did not join in time'
    case 'member did not sync':
      return 'it did not ask for its assignment in time'
    case 'group larger than its maximum':
      return 'the group is full'
    case 'offsets reset':
      return 'it did not give up its partitions in time for a reset of offsets'
    case 'poll timeout':
      return `it did not poll in time${said}`
    case 'admin':
      return `an administrator removed it${said}`
    default:
      return `it left${said}`
  }
}

/** Names are what clients say they are; a story holds no more of them than fits into a record. */
function named({ memberId, groupInstanceId, clientId, clientHost }: StoryMember): StoryMember {
  return { memberId, groupInstanceId, clientId: clientId.slice(0, longestText), clientHost }
}

function spoken(reason: string | null): string | null {
  return reason === null || reason === '' ? null : reason.slice(0, longestText)
}

function elapsed(from: number, to: number): number {
  return Math.max(0, Math.round(to - from))
}
