import { check } from '../../check.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import { most } from '../../numbers.js'
import { placesText } from '../../places.js'
import { behind } from '../lag/behind.js'
import { isWellAhead, type ReadPlace, readPlaces } from './reading-of.js'

const fullShare = 0.9
const timesMore = 4

export const slowFetch = check({
  id: 'slow-fetch',
  about: 'group',
  needs: ['group', 'partitions', 'pace', 'reads'],
  run(facts) {
    const found = behind(facts)
    const full = found ? readPlaces(found.growing, facts).filter((place) => !isWellAhead(place) && isFull(place)) : []
    const largest = most(full, ({ answerBytes }) => answerBytes ?? 0)
    if (!largest) return []
    const owners = new Set(full.map(({ memberId }) => memberId))
    const members = facts.group.members.filter(({ memberId }) => owners.has(memberId))
    const suggested = timesMore * largest.mostBytes!
    return [
      {
        severity: 'warning',
        ...(owners.size === 1 ? { subject: { member: largest.memberId } } : {}),
        title: 'All that is fetched is handled at once, and every answer is full: members ask for too little at a time',
        evidence: [
          { text: 'the last answer', value: largest.answerBytes ?? 0, unit: 'bytes' },
          { text: 'the most that was asked for', value: largest.mostBytes ?? 0, unit: 'bytes' },
          { text: 'in', value: placesText(full), unit: null },
        ],
        remedy: 'Let a fetch bring more, of a partition and in all.',
        config: [
          ...linesFor(settings.maxPartitionFetchBytes, suggested, { members }),
          ...linesFor(settings.fetchMaxBytes, suggested, { members }),
        ],
      },
    ]
  },
})

function isFull({ answerBytes, mostBytes }: ReadPlace): boolean {
  return answerBytes !== null && mostBytes !== null && answerBytes >= fullShare * mostBytes
}
