import { check } from '../../check.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import type { DepartureFact } from '../../facts/history-facts.js'
import type { Found } from '../../finding.js'
import { memberName } from '../../members.js'
import { dayMs, grouped, since } from '../../recent.js'

const oftenTimes = 3
/** What a poll hands out where nobody says otherwise. */
const usualRecords = 500

export const pollTimeout = check({
  id: 'poll-timeout',
  about: 'group',
  needs: ['group', 'departures'],
  run({ departures }, now) {
    const late = since(departures, now - dayMs).filter(({ cause }) => cause === 'poll timeout')
    return grouped(
      late,
      ({ groupInstanceId, clientId, clientHost }) => groupInstanceId ?? `${clientHost} ${clientId}`,
    ).map(foundIn)
  },
})

function foundIn(late: readonly DepartureFact[]): Found {
  const last = late.at(-1)!
  const { rebalanceTimeoutMs: limitMs } = last
  const gapMs = Math.max(...late.map(gapOf))
  const inHand = late.reduce<number | null>((most, { readPast }) => larger(most, readPast), null)
  const records = Math.min(usualRecords, inHand ?? usualRecords)
  const fitting = Math.max(1, Math.floor((records * limitMs) / gapMs / 2))
  return {
    severity: late.length >= oftenTimes ? 'critical' : 'warning',
    subject: { member: last.memberId },
    since: late[0]!.at,
    title: `${memberName(last)} at ${last.clientHost} lost its partitions ${times(late.length)}: it did not poll within ${limitMs / 1_000} s`,
    evidence: [
      { text: 'times within 24 h', value: late.length, unit: null },
      { text: 'the last time', value: last.at, unit: 'time' },
      { text: 'between two polls, at least', value: gapMs / 1_000, unit: 's' },
      { text: 'max_poll_interval_ms', value: limitMs / 1_000, unit: 's' },
      ...(inHand === null ? [] : [{ text: 'it had got and not committed', value: inHand, unit: 'records' as const }]),
    ],
    remedy: `What one poll hands out must be handled within max_poll_interval_ms: hand out less (half of what fits into it is ${fitting}), or give it more time.`,
    config: [
      ...linesFor(settings.maxPollRecords, fitting, { members: [last] }),
      ...linesFor(settings.maxPollIntervalMs, Math.ceil((2 * gapMs) / 1_000) * 1_000, {
        members: [last],
        now: limitMs,
      }),
    ],
  }
}

/** It leaves when the limit is over, and comes back with its next poll. */
function gapOf({ at, returnedAt, rebalanceTimeoutMs }: DepartureFact): number {
  return rebalanceTimeoutMs + (returnedAt === null ? 0 : Math.max(0, returnedAt - at))
}

function larger(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`
}
