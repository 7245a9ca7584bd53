import { check } from '../../check.js'
import { kindOf } from '../../clients/client-kind.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import type { GroupFact, MemberFact } from '../../facts/any-broker-facts.js'
import type { Found } from '../../finding.js'
import { bySubscription, isReadable, memberName } from '../../members.js'

/** Members with the same topics are to have the same number of partitions, or one less. */
export const unevenAssignment = check({
  id: 'uneven-assignment',
  about: 'group',
  needs: ['group'],
  run({ group }) {
    if (!isReadable(group)) return []
    return bySubscription(group.members).flatMap(([, members]) => unevenAmong(members, group))
  },
})

function unevenAmong(members: readonly MemberFact[], { protocol }: GroupFact): Found[] {
  const byCount = [...members].sort((one, other) => other.assignment.length - one.assignment.length)
  const [most, least] = [byCount[0]!.assignment.length, byCount.at(-1)!.assignment.length]
  if (most - least < 2) return []
  const shown = byCount.length > 4 ? [...byCount.slice(0, 2), ...byCount.slice(-2)] : byCount
  return [
    {
      severity: 'info',
      title: `Members have from ${least} to ${most} partitions`,
      evidence: shown.map((member) => ({
        text: `partitions of ${memberName(member)}`,
        value: member.assignment.length,
        unit: null,
      })),
      remedy: `The assignor ${protocol} shares them out so. One that looks at all topics together does it evenly.`,
      config: protocol.includes('sticky') ? [] : evenly(members),
    },
  ]
}

function evenly(members: readonly MemberFact[]) {
  const { assignmentStrategy } = settings
  const ofKafkajs = members.filter((member) => kindOf(member) === 'kafkajs')
  return [
    ...linesFor(assignmentStrategy, 'cooperative_sticky', { members }),
    ...(ofKafkajs.length > 0 ? linesFor(assignmentStrategy, 'round_robin', { members: ofKafkajs }) : []),
  ]
}
