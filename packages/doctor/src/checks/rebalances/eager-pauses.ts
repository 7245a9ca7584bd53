import type { RebalanceStory } from '@rivven/groups'
import { check } from '../../check.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import { percent, sum } from '../../numbers.js'
import { hourMs } from '../../recent.js'

const mostOften = 3
const littleMoved = 0.2

export const eagerPauses = check({
  id: 'eager-pauses',
  about: 'group',
  needs: ['group', 'rebalances'],
  run({ group, rebalances }, now) {
    const vain = rebalances.filter((story) => story.startedAt >= now - hourMs && isEager(story) && movesLittle(story))
    if (vain.length <= mostOften) return []
    const stoodMs = sum(vain.map(({ phases }) => phases.joinMs + (phases.syncMs ?? 0)))
    const moved = sum(vain.map(({ partitions }) => partitions?.moved ?? 0))
    const assigned = sum(vain.map(({ partitions }) => partitions?.assigned ?? 0))
    return [
      {
        severity: 'info',
        since: vain[0]!.startedAt,
        title: `All members stood still in ${vain.length} rebalances that moved next to nothing`,
        evidence: [
          { text: 'all stood still for', value: stoodMs / 1_000, unit: 's' },
          { text: 'of the partitions moved', value: percent(moved, assigned), unit: '%' },
        ],
        remedy: 'With cooperative_sticky members go on with what they keep.',
        config: linesFor(settings.assignmentStrategy, 'cooperative_sticky', { members: group.members }),
      },
    ]
  },
})

function isEager({ protocol, outcome }: RebalanceStory): boolean {
  return outcome === 'stable' && protocol.elected !== null && protocol.elected !== 'cooperative-sticky'
}

function movesLittle({ partitions }: RebalanceStory): boolean {
  return partitions !== null && partitions.assigned > 0 && partitions.moved < littleMoved * partitions.assigned
}
