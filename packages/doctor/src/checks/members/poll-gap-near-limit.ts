import { check } from '../../check.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import type { SignsFact } from '../../facts/history-facts.js'
import type { Found } from '../../finding.js'
import { memberName } from '../../members.js'
import { dayMs } from '../../recent.js'

const nearShare = 0.5

/** What a member needs to join is what it needs to come back to poll. Those that went beyond the limit are another finding. */
export const pollGapNearLimit = check({
  id: 'poll-gap-near-limit',
  about: 'group',
  needs: ['group', 'rebalances', 'signs', 'departures'],
  run({ group, rebalances, signs, departures }, now) {
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
      if (longestMs <= nearShare * member.rebalanceTimeoutMs || isBeyond(member)) return []
      return [
        foundOf(
          member,
          longestMs,
          group.members.filter(({ memberId }) => memberId === member.memberId),
        ),
      ]
    })
  },
})

function foundOf(member: SignsFact, longestMs: number, members: Parameters<typeof linesFor>[2]['members']): Found {
  const { rebalanceTimeoutMs: limitMs } = member
  return {
    severity: 'warning',
    subject: { member: member.memberId },
    title: `${memberName(member)} at ${member.clientHost} took ${Math.round(longestMs / 1_000)} s to join, and is given up after ${Math.round(limitMs / 1_000)} s`,
    evidence: [
      { text: 'it kept others waiting for', value: longestMs / 1_000, unit: 's' },
      { text: 'max_poll_interval_ms', value: limitMs / 1_000, unit: 's' },
    ],
    remedy: 'It handles what it has got before it joins: hand out less with a poll, or give it more time.',
    config: [
      ...linesFor(settings.maxPollRecords, Math.max(1, Math.floor((500 * limitMs) / longestMs / 4)), { members }),
      ...linesFor(settings.maxPollIntervalMs, Math.ceil((2 * longestMs) / 1_000) * 1_000, { members, now: limitMs }),
    ],
  }
}
