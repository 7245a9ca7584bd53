import { check } from '../../check.js'
import { commandText } from '../../command-text.js'
import type { Facts } from '../../facts/facts.js'
import type { SignsFact } from '../../facts/history-facts.js'
import type { Found } from '../../finding.js'
import { sum } from '../../numbers.js'
import { placesText } from '../../places.js'
import { counted } from '../../words.js'

const gapsAway = 3
/** Of the session, where it is not known how often it sends heartbeats. */
const usualShare = 1 / 6

export const staticMemberAway = check({
  id: 'static-member-away',
  about: 'group',
  needs: ['group', 'signs'],
  run({ group, signs, partitions = [] }, now) {
    return signs.flatMap((member): Found[] => {
      const { groupInstanceId, lastHeardAt, heartbeatGapMs, sessionTimeoutMs } = member
      const owned = group.members.find(({ memberId }) => memberId === member.memberId)?.assignment ?? []
      const usualMs = heartbeatGapMs ?? sessionTimeoutMs * usualShare
      if (groupInstanceId === null || lastHeardAt === null || owned.length === 0) return []
      if (now - lastHeardAt <= gapsAway * usualMs) return []
      return [foundOf(member, { group, partitions: partitions.filter(({ owner }) => owner === member.memberId) }, now)]
    })
  },
})

function foundOf(
  { memberId, groupInstanceId, clientHost, lastHeardAt, sessionTimeoutMs }: SignsFact,
  { group, partitions }: Required<Pick<Facts, 'group' | 'partitions'>>,
  now: number,
): Found {
  const leftMs = Math.max(0, lastHeardAt! + sessionTimeoutMs - now)
  const instance = groupInstanceId ?? ''
  return {
    severity: 'warning',
    subject: { member: memberId },
    since: lastHeardAt,
    title: `The static member ${instance} at ${clientHost} is away, and nobody reads its partitions: it is given up in ${clockText(leftMs)}`,
    evidence: [
      { text: 'last heard of', value: lastHeardAt!, unit: 'time' },
      { text: 'it is given up in', value: leftMs / 1_000, unit: 's' },
      { text: 'waits for it', value: sum(partitions.map(({ lag }) => Math.max(0, lag ?? 0))), unit: 'records' },
      { text: counted(partitions.length, 'partition'), value: placesText(partitions), unit: null },
    ],
    remedy: 'Start it: it gets its partitions back without a rebalance. If it does not come back, remove it.',
    commands: [commandText('group remove-member', [group.groupId], ['--instance-id', instance])],
  }
}

/** `0:31` */
function clockText(ms: number): string {
  const seconds = Math.ceil(ms / 1_000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
