import { check } from '../../check.js'
import type { Facts } from '../../facts/facts.js'
import type { Evidence } from '../../finding.js'
import { most, rounded, sum } from '../../numbers.js'
import { placesText } from '../../places.js'
import { behind } from '../lag/behind.js'
import { isWellAhead, type ReadPlace, readPlaces } from './reading-of.js'

export const slowHandler = check({
  id: 'slow-handler',
  about: 'group',
  needs: ['group', 'partitions', 'pace', 'reads'],
  run(facts) {
    const found = behind(facts)
    const busy = busyMembers(facts)
    const isSlow = (place: ReadPlace) => isWellAhead(place) || busy.has(place.memberId)
    const slow = found ? readPlaces(found.growing, facts).filter(isSlow) : []
    if (!found || slow.length === 0) return []
    const furthest = most(slow, ({ ahead }) => ahead)!
    const owners = new Set(slow.map(({ memberId }) => memberId))
    return [
      {
        severity: 'warning',
        ...(owners.size === 1 ? { subject: { member: furthest.memberId } } : {}),
        title: 'Records are fetched faster than they are handled: the handler is what others wait for',
        evidence: [
          { text: 'fetched, and not committed', value: sum(slow.map(({ ahead }) => ahead)), unit: 'records' },
          { text: 'is handled', value: rounded(found.consumedPerSecond), unit: 'records/s' },
          { text: 'comes', value: rounded(found.producedPerSecond), unit: 'records/s' },
          { text: 'in', value: placesText(slow), unit: null },
          ...idleEvidence(busy.get(furthest.memberId)),
        ],
        remedy:
          'Make the handler faster: batch what it writes, do several records at a time. Or spread the work: more members, and partitions for them. A smaller max_poll_records makes no handler faster, but one slow record holds up less.',
      },
    ]
  },
})

/** Whoever waits for records for less of its time handles all the time. */
const leastIdleRatio = 0.1

/** Members that hardly ever wait for records, as their clients tell, and how much they do. */
function busyMembers({ polls = [] }: Pick<Facts, 'polls'>): Map<string, number> {
  return new Map(
    polls.flatMap(({ memberId, idleRatio }) =>
      idleRatio !== null && idleRatio < leastIdleRatio ? [[memberId, idleRatio] as const] : [],
    ),
  )
}

function idleEvidence(idleRatio: number | undefined): Evidence[] {
  if (idleRatio === undefined) return []
  return [{ text: 'it waits for records for', value: rounded(idleRatio * 100), unit: '%' }]
}
