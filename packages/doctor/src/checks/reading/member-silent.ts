import { check } from '../../check.js'
import type { PartitionFact } from '../../facts/any-broker-facts.js'
import type { ReadFact, SignsFact } from '../../facts/history-facts.js'
import type { Found } from '../../finding.js'
import { isReadable, memberName } from '../../members.js'
import { sum } from '../../numbers.js'
import { placed, placesText } from '../../places.js'

const patienceMs = 60_000

export const memberSilent = check({
  id: 'member-silent',
  about: 'group',
  needs: ['group', 'partitions', 'signs', 'reads', 'stateSince'],
  run({ group, partitions, signs, reads, stateSince }, now) {
    if (!isReadable(group) || now - stateSince <= patienceMs) return []
    const placeAt = placed(partitions)
    return signs.flatMap((member): Found[] => {
      const own = reads.filter(({ memberId }) => memberId === member.memberId)
      const waiting = own.flatMap((read) => placeAt(read) ?? []).filter(({ waiting: waits }) => waits === true)
      const isSilent = own.every(({ lastFetchAt }) => now - (lastFetchAt ?? stateSince) > patienceMs)
      return waiting.length > 0 && isSilent && isAlive(member, now) ? [foundOf(member, own, waiting)] : []
    })
  },
})

function isAlive({ lastHeardAt, sessionTimeoutMs }: SignsFact, now: number): boolean {
  return lastHeardAt !== null && now - lastHeardAt <= sessionTimeoutMs / 2
}

function foundOf(member: SignsFact, own: readonly ReadFact[], waiting: readonly PartitionFact[]): Found {
  const fetches = own.flatMap(({ lastFetchAt }) => lastFetchAt ?? [])
  const last = fetches.length > 0 ? Math.max(...fetches) : null
  return {
    severity: 'critical',
    subject: { member: member.memberId },
    since: last,
    title: `${memberName(member)} at ${member.clientHost} sends heartbeats, and does not fetch what waits for it`,
    evidence: [
      { text: 'last fetch', value: last ?? 'none was seen', unit: last === null ? null : 'time' },
      {
        text: 'last heard of',
        value: member.lastHeardAt ?? 'never',
        unit: member.lastHeardAt === null ? null : 'time',
      },
      { text: 'waits for it', value: sum(waiting.map(({ lag }) => Math.max(0, lag ?? 0))), unit: 'records' },
      { text: 'in', value: placesText(waiting), unit: null },
    ],
    remedy:
      'It has paused these partitions, or its handler hangs: consumer.health() says which. If it hangs, restart that process.',
  }
}
