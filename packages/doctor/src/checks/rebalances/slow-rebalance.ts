import type { LateMember, RebalanceStory } from '@rivven/groups'
import { check } from '../../check.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import { commandText } from '../../command-text.js'
import type { MemberFact } from '../../facts/any-broker-facts.js'
import { memberName } from '../../members.js'
import { dayMs, mostFrequent } from '../../recent.js'

const slowMs = 10_000
const mostShare = 0.95

const cameLate =
  'A member joins when its handler and its listener of revoked partitions are through: let both do less at a time. Whoever has no poll interval (kafkajs, librdkafka without it) is waited for as long as it says.'
const cameNot =
  'It did not come, and was given up: its process has died, or its handler hangs. Look at that process. Who dies is waited for until its session ends (session_timeout_ms), who hangs until its poll interval is over (max_poll_interval_ms).'

export const slowRebalance = check({
  id: 'slow-rebalance',
  about: 'group',
  needs: ['group', 'rebalances'],
  run({ group, rebalances }, now) {
    const ended = rebalances.filter((story) => story.outcome === 'stable' && story.startedAt >= now - dayMs)
    const sorted = ended.map(lengthOf).sort((one, other) => one - other)
    const p95Ms = sorted[Math.ceil(sorted.length * mostShare) - 1] ?? 0
    if (p95Ms <= slowMs) return []
    const slow = ended.filter((story) => lengthOf(story) > slowMs)
    const last = slow.at(-1)!
    const late = mostFrequent(
      slow.flatMap((story) => story.late[0] ?? []),
      (member) => `${member.clientId} ${member.clientHost}`,
    )?.at(-1)
    const members: readonly MemberFact[] = group.members
    return [
      {
        severity: 'warning',
        since: slow[0]!.startedAt,
        title: `Rebalances take long${late ? whoseFault(late) : ''}`,
        evidence: [
          { text: 'rebalances (p95)', value: p95Ms / 1_000, unit: 's' },
          { text: 'the last slow one waited for JoinGroup', value: last.phases.joinMs / 1_000, unit: 's' },
          { text: 'and for the assignment', value: (last.phases.syncMs ?? 0) / 1_000, unit: 's' },
          ...(late ? [{ text: `it waited in ${late.phase}`, value: late.waitedMs / 1_000, unit: 's' as const }] : []),
        ],
        remedy: late?.removed ? cameNot : cameLate,
        config: linesFor(settings.maxPollRecords, 100, {
          members: members.filter((member) => !late?.removed && member.clientId === late?.clientId),
        }),
        commands: [commandText('group explain', [group.groupId])],
      },
    ]
  },
})

function whoseFault(late: LateMember): string {
  const who = `${memberName(late)} at ${late.clientHost}`
  return late.removed ? `: ${who} did not come` : `: others wait for ${who}`
}

function lengthOf({ phases }: RebalanceStory): number {
  return phases.joinMs + (phases.syncMs ?? 0)
}
