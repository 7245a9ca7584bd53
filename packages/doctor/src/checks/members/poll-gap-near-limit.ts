import { check } from '../../check.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import type { SignsFact } from '../../facts/history-facts.js'
import type { Found } from '../../finding.js'
import { memberName } from '../../members.js'
import { dayMs } from '../../recent.js'

/** Of its time: how long it took to join, which is what it needs to come back to poll; and what its client tells of its polls. */
const nearShares = { toJoin: 0.5, betweenPolls: 0.8 }

/** Those that went beyond the limit are another finding. */
export const pollGapNearLimit = check({
  id: 'poll-gap-near-limit',
  about: 'group',
  needs: ['group', 'rebalances', 'signs', 'departures'],
  run({ group, rebalances, signs, departures, polls = [] }, now) {
    const waits = rebalances
      .filter(({ startedAt }) => startedAt >= now - dayMs)
      .flatMap(({ late }) => late.filter(({ phase, removed }) => phase === 'join' && !removed))
    const isBeyond = (member: SignsFact) =>
      departures.some(({ cause, clientId, clientHost }) => {
        return cause === 'poll timeout' && clientId === member.clientId && clientHost === member.clientHost
      })
    return signs.flatMap((member): Found[] => {
      const own = waits.filter(({ memberId }) => memberId === member.memberId)
      const longestMs = Math.max(0, ...own.map(({ waitedMs }) => waitedMs))
      const gapMs = polls.find(({ memberId }) => memberId === member.memberId)?.longestGapMs ?? 0
      const isNear = (ms: number, share: number) => ms > share * member.rebalanceTimeoutMs
      if (isBeyond(member)) return []
      const members = group.members.filter(({ memberId }) => memberId === member.memberId)
      if (isNear(longestMs, nearShares.toJoin)) return [foundOf(member, { longestMs, what: toJoin }, members)]
      if (isNear(gapMs, nearShares.betweenPolls))
        return [foundOf(member, { longestMs: gapMs, what: betweenPolls }, members)]
      return []
    })
  },
})

const toJoin = { took: 'to join', evidence: 'it kept others waiting for' }
const betweenPolls = { took: 'between two polls', evidence: 'longest time between two polls' }

interface Took {
  readonly longestMs: number
  readonly what: typeof toJoin
}

function foundOf(
  member: SignsFact,
  { longestMs, what }: Took,
  members: Parameters<typeof linesFor>[2]['members'],
): Found {
  const { rebalanceTimeoutMs: limitMs } = member
  return {
    severity: 'warning',
    subject: { member: member.memberId },
    title: `${memberName(member)} at ${member.clientHost} took ${Math.round(longestMs / 1_000)} s ${what.took}, and is given up after ${Math.round(limitMs / 1_000)} s`,
    evidence: [
      { text: what.evidence, value: longestMs / 1_000, unit: 's' },
      { text: 'max_poll_interval_ms', value: limitMs / 1_000, unit: 's' },
    ],
    remedy: 'It handles what it has got before it polls again: hand out less with a poll, or give it more time.',
    config: [
      ...linesFor(settings.maxPollRecords, Math.max(1, Math.floor((500 * limitMs) / longestMs / 4)), { members }),
      ...linesFor(settings.maxPollIntervalMs, Math.ceil((2 * longestMs) / 1_000) * 1_000, { members, now: limitMs }),
    ],
  }
}
