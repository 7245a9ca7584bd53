import type { RebalanceStory } from '@rivven/groups'
import { check } from '../../check.js'
import { commandText } from '../../command-text.js'
import { memberName } from '../../members.js'
import { sum } from '../../numbers.js'
import { hourMs, minuteMs, mostFrequent } from '../../recent.js'
import { remedyOf } from './causes.js'

const mostInHour = 10
const mostInMinutes = 6
const fewMinutes = 5

export const rebalanceStorm = check({
  id: 'rebalance-storm',
  about: 'group',
  needs: ['group', 'rebalances'],
  run({ group, rebalances }, now) {
    const ofHour = rebalances.filter((story) => story.startedAt >= now - hourMs && isFelt(story))
    const ofMinutes = ofHour.filter(({ startedAt }) => startedAt >= now - fewMinutes * minuteMs)
    const isStorm = ofMinutes.length > mostInMinutes
    const common = mostFrequent(ofHour, ({ cause }) => cause)
    if (!common || (ofHour.length <= mostInHour && !isStorm)) return []
    const { cause } = common[0]!
    const culprits = mostFrequent(
      common.flatMap(({ culprit }) => culprit ?? []),
      (culprit) => `${culprit.clientId} ${culprit.clientHost}`,
    )
    return [
      {
        severity: isStorm ? 'critical' : 'warning',
        since: ofHour[0]!.startedAt,
        title: isStorm
          ? `The group rebalances again and again: ${ofMinutes.length} times within ${fewMinutes} minutes`
          : `The group rebalances often: ${ofHour.length} times within an hour`,
        evidence: [
          { text: 'rebalances within an hour', value: ofHour.length, unit: null },
          { text: 'time that they took', value: sum(ofHour.map(lengthOf)) / 1_000, unit: 's' },
          { text: `of them by "${cause}"`, value: common.length, unit: null },
          ...(culprits
            ? [
                {
                  text: 'most often by',
                  value: `${memberName(culprits[0]!)} at ${culprits[0]!.clientHost}`,
                  unit: null,
                },
              ]
            : []),
        ],
        remedy: remedyOf(cause),
        commands: [commandText('group explain', [group.groupId])],
      },
    ]
  },
})

/** That the last member goes nobody has to wait for. */
function isFelt({ outcome }: RebalanceStory): boolean {
  return outcome !== 'emptied' && outcome !== 'deleted'
}

function lengthOf({ startedAt, endedAt }: RebalanceStory): number {
  return endedAt - startedAt
}
