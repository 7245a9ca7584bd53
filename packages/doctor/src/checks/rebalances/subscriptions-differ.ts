import { check } from '../../check.js'
import type { RivvenFacts } from '../../facts/rivven-facts.js'
import { bySubscription, isReadable, memberNames } from '../../members.js'
import { listed } from '../../words.js'

const hourMs = 3_600_000
const manyRebalances = 10

export const subscriptionsDiffer = check({
  id: 'subscriptions-differ',
  about: 'group',
  needs: ['group'],
  run({ group, rebalances }, now) {
    const sets = isReadable(group) ? bySubscription(group.members) : []
    if (sets.length < 2) return []
    const count = ofLastHour(rebalances, now)
    return [
      {
        severity: count > manyRebalances ? 'warning' : 'info',
        title: `Members subscribe to ${sets.length} different sets of topics`,
        evidence: [
          ...sets.slice(0, 5).map(([topics, members]) => {
            return { text: listed(topics) || 'no topic', value: memberNames(members), unit: null }
          }),
          ...(count > 0 ? [{ text: 'rebalances in the last hour', value: count, unit: null }] : []),
        ],
        remedy:
          'Run one version of the application everywhere; where they are different applications, give each a group of its own.',
      },
    ]
  },
})

function ofLastHour(rebalances: RivvenFacts['rebalances'], now: number): number {
  return (rebalances ?? []).filter(({ startedAt }) => now - startedAt <= hourMs).length
}
