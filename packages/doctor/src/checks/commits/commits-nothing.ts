import { check } from '../../check.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import type { PartitionFact } from '../../facts/any-broker-facts.js'
import type { ReadFact, SignsFact } from '../../facts/history-facts.js'
import type { Found } from '../../finding.js'
import { memberName } from '../../members.js'
import { sum } from '../../numbers.js'
import { placed, placesText } from '../../places.js'
import { minuteMs } from '../../recent.js'

const patienceMs = 10 * minuteMs
const readsWithinMs = minuteMs

interface Ahead extends ReadFact {
  readonly records: number
}

export const commitsNothing = check({
  id: 'commits-nothing',
  about: 'group',
  needs: ['group', 'partitions', 'signs', 'reads'],
  run({ group, partitions, signs, reads }, now) {
    const placeAt = placed(partitions)
    return signs.flatMap((member): Found[] => {
      const lastAt = member.lastCommitAt ?? member.since
      if (lastAt === null || now - lastAt <= patienceMs) return []
      const own = reads.filter(({ memberId, lastFetchAt }) => {
        return memberId === member.memberId && lastFetchAt !== null && now - lastFetchAt <= readsWithinMs
      })
      const ahead = own.flatMap((read) => aheadIn(read, placeAt(read)))
      const members = group.members.filter(({ memberId }) => memberId === member.memberId)
      return ahead.length === 0 ? [] : [foundOf(member, ahead, members)]
    })
  },
})

/** What it got only now it cannot have committed yet. */
function aheadIn(read: ReadFact, place: PartitionFact | undefined): Ahead[] {
  if (read.position === null || !place) return []
  const { currentOffset, logStartOffset, lagSeconds } = place
  const from = currentOffset ?? logStartOffset
  if (from === null || read.position <= from) return []
  if (currentOffset !== null && (lagSeconds === null || lagSeconds * 1_000 <= patienceMs)) return []
  return [{ ...read, records: read.position - from }]
}

function foundOf(
  member: SignsFact,
  ahead: readonly Ahead[],
  members: Parameters<typeof linesFor>[2]['members'],
): Found {
  return {
    severity: 'warning',
    subject: { member: member.memberId },
    since: member.lastCommitAt ?? member.since,
    title: `${memberName(member)} at ${member.clientHost} reads and commits nothing: after a restart it reads all of it again`,
    evidence: [
      {
        text: 'last commit',
        value: member.lastCommitAt ?? 'none was seen',
        unit: member.lastCommitAt === null ? null : 'time',
      },
      { text: 'read, and not committed', value: sum(ahead.map(({ records }) => records)), unit: 'records' },
      { text: 'in', value: placesText(ahead), unit: null },
    ],
    remedy: 'Let the consumer commit by itself, or call commit() when records are handled.',
    config: linesFor(settings.enableAutoCommit, true, { members }),
  }
}
