import { check } from '../../check.js'
import type { PartitionFact } from '../../facts/any-broker-facts.js'
import type { ReadFact, SignsFact } from '../../facts/history-facts.js'
import type { Found } from '../../finding.js'
import { isReadable, memberName } from '../../members.js'
import { sum } from '../../numbers.js'
import { placed, placesText } from '../../places.js'

const patienceMs = 60_000
/** Sooner no partition is at STOP. */
const stoppedForMs = 120_000

export const memberSilent = check({
  id: 'member-silent',
  about: 'group',
  needs: ['group', 'partitions', 'signs', 'reads', 'stateSince'],
  run({ group, partitions, signs, reads, stateSince, pace = [] }, now) {
    if (!isReadable(group) || now - stateSince <= patienceMs) return []
    const [placeAt, paceAt] = [placed(partitions), placed(pace)]
    return signs.flatMap((member): Found[] => {
      const own = reads.filter(({ memberId }) => memberId === member.memberId)
      const waiting = own.flatMap((read) => placeAt(read) ?? []).filter(({ waiting: waits }) => waits === true)
      if (waiting.length === 0 || !isAlive(member, now)) return []
      const isSilent = own.every(({ lastFetchAt }) => now - (lastFetchAt ?? stateSince) > patienceMs)
      if (isSilent) return [foundOf(member, own, waiting)]
      const isStill = waiting.every((place) => paceAt(place)?.status === 'STOP') && isStopped(member, now)
      return isStill ? [stillOf(member, own, waiting)] : []
    })
  },
})

/** Where it has never committed, nobody knows that it does. */
function isStopped({ lastCommitAt }: SignsFact, now: number): boolean {
  return lastCommitAt !== null && now - lastCommitAt > stoppedForMs
}

function isAlive({ lastHeardAt, sessionTimeoutMs }: SignsFact, now: number): boolean {
  return lastHeardAt !== null && now - lastHeardAt <= sessionTimeoutMs / 2
}

/** Its client goes on fetching while the handler keeps it from all else. */
function stillOf(member: SignsFact, own: readonly ReadFact[], waiting: readonly PartitionFact[]): Found {
  return {
    ...foundOf(member, own, waiting),
    severity: 'warning',
    since: member.lastCommitAt,
    title: `${memberName(member)} at ${member.clientHost} fetches, and has committed nothing for longer than it does usually`,
    remedy:
      'Its handler hangs, or takes that long for what it got at once: consumer.health() says since when. If it hangs, restart that process; before max_poll_interval_ms is over the others get nothing of its partitions.',
  }
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
