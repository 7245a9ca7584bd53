import type { RebalanceStory } from '@rivven/groups'
import type { BrokerFacts } from '../src/facts/broker-facts.js'
import type { DepartureFact, HandOverFact, HistoryFacts, ReadFact, SignsFact } from '../src/facts/history-facts.js'
import { hour, minute, now, second } from './times.js'

function who(memberId: string) {
  return { memberId, groupInstanceId: null, clientId: 'worker', clientHost: '/10.0.0.1' }
}

/** One that left an hour ago, after a session of 45 s, and was not seen again. */
export function departure(memberId: string, more: Partial<DepartureFact> = {}): DepartureFact {
  const at = more.at ?? now - hour
  return {
    ...who(memberId),
    ...{ at, cause: 'member left', reason: null, software: 'rivven', sessionTimeoutMs: 45_000 },
    ...{ rebalanceTimeoutMs: 300_000, lastHeardAt: at - 3_000, disconnectedAt: null },
    ...{ returnedAt: null, knewNothing: false, readPast: null },
    ...more,
  }
}

/** Its session expired, and its connection stayed. */
export function expired(memberId: string, more: Partial<DepartureFact> = {}): DepartureFact {
  const at = more.at ?? now - hour
  return departure(memberId, { cause: 'session expired', lastHeardAt: at - 45_000, ...more })
}

export function several<Thing>(count: number, make: (number: number) => Thing): Thing[] {
  return Array.from({ length: count }, (_, number) => make(number))
}

/** A rebalance a while ago that took a second and moved nothing. */
export function story(agoMs: number, more: Partial<RebalanceStory> = {}): RebalanceStory {
  const startedAt = now - agoMs
  return {
    ...{ groupId: 'g', generation: 7, startedAt, endedAt: startedAt + second, outcome: 'stable' },
    ...{ cause: 'member joined', culprit: who('m-1'), reason: null, phases: { joinMs: 800, syncMs: 200 }, late: [] },
    ...{ membersBefore: 3, membersAfter: 3, joined: [], joinedCount: 0, left: [], leftCount: 0 },
    protocol: { elected: 'range', votes: { range: 3 }, refused: [] },
    partitions: { moved: 0, kept: 10, assigned: 10, released: 0, moves: [] },
    ...more,
  }
}

export function signs(memberId: string, more: Partial<SignsFact> = {}): SignsFact {
  return {
    ...who(memberId),
    ...{ sessionTimeoutMs: 45_000, rebalanceTimeoutMs: 300_000, assignors: ['range', 'cooperative-sticky'] },
    ...{ lastHeardAt: now - second, heartbeatGapMs: 3_000, commitsPerSecond: 0.2, lastCommitAt: now - minute },
    ...{ since: now - hour },
    ...more,
  }
}

/** How the owner of a partition of `orders` reads it, which has committed 1,000. */
export function read(partition: number, more: Partial<ReadFact> = {}): ReadFact {
  return {
    ...{ memberId: `m-${partition}`, topic: 'orders', partition, lastFetchAt: now - second, position: 1_000 },
    ...{ isolation: 'read_committed', answerBytes: 100, mostBytes: 1_048_576, aborted: 0 },
    ...more,
  }
}

export function handOver(more: Partial<HandOverFact> = {}): HandOverFact {
  return {
    ...{ generation: 7, at: now - minute, cause: 'member joined', partitions: 5, partitionsReadAgain: 0 },
    ...{ recordsReadAgain: 0, pauseMedianMs: 400, pauseMaxMs: 900 },
    ...more,
  }
}

/** Of members whom nothing has happened to. */
export function healthyPast(memberIds: readonly string[]): Required<HistoryFacts> {
  return {
    departures: [],
    replacements: { replaced: [], fenced: 0 },
    refusedCommits: [],
    handOvers: [handOver()],
    signs: memberIds.map((memberId) => signs(memberId)),
    reads: memberIds.map((_, partition) => read(partition)),
    expiry: null,
  }
}

export const healthyBroker: Required<BrokerFacts> = {
  loop: { p99Ms: 3, stalls: [] },
  disk: { unwritable: 0, freeBytes: 50e9, totalBytes: 100e9, commitP99Ms: 10 },
  commitLoad: { leastPerSecond: 20, top: [] },
  openListeners: [],
}
