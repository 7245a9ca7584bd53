import { check } from '../../check.js'
import { listed } from '../../words.js'

const mostPerSecond = 5_000

export const commitLoad = check({
  id: 'commit-load',
  about: 'cluster',
  needs: ['commitLoad'],
  run({ commitLoad: { leastPerSecond, top } }) {
    if (leastPerSecond === null || leastPerSecond <= mostPerSecond) return []
    return [
      {
        severity: 'warning',
        title: `Groups commit more than ${mostPerSecond} times a second, and have for five minutes`,
        evidence: [
          { text: 'commits a second, at least', value: leastPerSecond, unit: null },
          ...top.map(({ group, perSecond }) => ({ text: group, value: perSecond, unit: null })),
        ],
        remedy: `Commit once a poll, not for each record. Begin with ${
          listed(
            top.map(({ group }) => group),
            3,
          ) || 'those that commit most'
        }.`,
      },
    ]
  },
})
