import { check } from '../../check.js'
import { most, sum } from '../../numbers.js'
import { grouped } from '../../recent.js'

const leastOften = 10

export const refusedCommits = check({
  id: 'refused-commits',
  about: 'group',
  needs: ['group', 'refusedCommits'],
  run({ group, refusedCommits: refused }) {
    const all = sum(refused.map(({ count }) => count))
    const worst = most(refused, ({ count }) => count)
    if (!worst || all < leastOften) return []
    const name = group.members.find(({ memberId }) => memberId === worst.memberId)?.groupInstanceId ?? worst.memberId
    return [
      {
        severity: 'warning',
        title: `${all} commits were refused within ten minutes: what they were for is read again`,
        evidence: [
          ...grouped(refused, ({ error }) => error).map((ofError) => ({
            text: ofError[0]!.error,
            value: sum(ofError.map(({ count }) => count)),
            unit: null,
          })),
          { text: 'most of them of', value: name === '' ? 'nobody in the group' : name, unit: null },
        ],
        remedy:
          'Mostly they come too late, from members that the group has gone on without. Commit when partitions are revoked (onPartitionsRevoked), and handle less between two polls.',
      },
    ]
  },
})
