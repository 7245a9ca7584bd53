import { check } from '../../check.js'
import { most, rounded, sum } from '../../numbers.js'
import { placesText } from '../../places.js'
import { behind } from '../lag/behind.js'
import { isWellAhead, readPlaces } from './reading-of.js'

export const slowHandler = check({
  id: 'slow-handler',
  about: 'group',
  needs: ['group', 'partitions', 'pace', 'reads'],
  run(facts) {
    const found = behind(facts)
    const slow = found ? readPlaces(found.growing, facts).filter(isWellAhead) : []
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
        ],
        remedy:
          'Make the handler faster: batch what it writes, do several records at a time. Or spread the work: more members, and partitions for them. A smaller max_poll_records makes no handler faster, but one slow record holds up less.',
      },
    ]
  },
})
