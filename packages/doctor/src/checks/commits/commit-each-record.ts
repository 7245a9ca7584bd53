import { check } from '../../check.js'
import type { Facts } from '../../facts/facts.js'
import type { SignsFact } from '../../facts/history-facts.js'
import { memberName } from '../../members.js'
import { rounded, sum } from '../../numbers.js'
import { placeText } from '../../places.js'

const mostPerSecond = 50
const mostPerRecord = 0.5
/** Where little happens it does not matter. */
const fewPerSecond = 5

export const commitEachRecord = check({
  id: 'commit-each-record',
  about: 'group',
  needs: ['group', 'signs'],
  run(facts) {
    const often = facts.signs.filter((member) => commitsOften(member, consumedBy(member, facts)))
    return often.map((member) => {
      const consumed = consumedBy(member, facts)
      return {
        severity: 'warning',
        subject: { member: member.memberId },
        title: `${memberName(member)} at ${member.clientHost} commits ${rounded(member.commitsPerSecond)} times a second`,
        evidence: [
          { text: 'commits a second', value: rounded(member.commitsPerSecond), unit: null },
          ...(consumed === null ? [] : [{ text: 'it reads', value: rounded(consumed), unit: 'records/s' as const }]),
        ],
        remedy: 'Commit once for all records of a poll: each commit is a write that the broker makes durable.',
      }
    })
  },
})

function commitsOften({ commitsPerSecond }: SignsFact, consumed: number | null): boolean {
  if (commitsPerSecond > mostPerSecond) return true
  return consumed !== null && commitsPerSecond > fewPerSecond && commitsPerSecond > mostPerRecord * consumed
}

/** Records a second, in all its partitions; null: not known. */
function consumedBy({ memberId }: SignsFact, { partitions = [], pace = [] }: Facts): number | null {
  const own = new Set(partitions.filter(({ owner }) => owner === memberId).map(placeText))
  const rates = pace
    .filter((each) => own.has(placeText(each)))
    .flatMap(({ consumedPerSecond }) => consumedPerSecond ?? [])
  return rates.length === 0 ? null : sum(rates)
}
