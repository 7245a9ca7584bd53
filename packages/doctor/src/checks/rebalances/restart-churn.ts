import type { StoryMember } from '@rivven/groups'
import { check } from '../../check.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import type { DepartureFact } from '../../facts/history-facts.js'
import type { Found } from '../../finding.js'
import { grouped, hourMs, since } from '../../recent.js'

const leastRestarts = 3
const endings: readonly DepartureFact['cause'][] = ['member left', 'session expired', 'member did not join']

export const restartChurn = check({
  id: 'restart-churn',
  about: 'group',
  needs: ['group', 'departures', 'rebalances'],
  run({ departures, rebalances }, now) {
    const gone = since(departures, now - hourMs).filter(
      ({ cause, groupInstanceId }) => groupInstanceId === null && endings.includes(cause),
    )
    const came = rebalances.filter(({ endedAt }) => endedAt >= now - hourMs).flatMap(({ joined }) => joined)
    return grouped(gone, placeOf).flatMap((ofPlace): Found[] => {
      const restarts = Math.min(ofPlace.length, came.filter((one) => placeOf(one) === placeOf(ofPlace[0]!)).length)
      return restarts < leastRestarts ? [] : [foundIn(ofPlace, restarts)]
    })
  },
})

function foundIn(gone: readonly DepartureFact[], restarts: number): Found {
  const last = gone.at(-1)!
  return {
    severity: 'warning',
    since: gone[0]!.at,
    title: `${last.clientId} at ${last.clientHost} has left and come back ${restarts} times within an hour`,
    evidence: [
      { text: 'times', value: restarts, unit: null },
      { text: 'last gone', value: last.at, unit: 'time' },
      { text: 'last time because', value: last.reason ?? last.cause, unit: null },
    ],
    remedy:
      'Each time moves partitions twice. See why it ends; where restarts are meant, give each process a name that stays, and it gets its partitions back without a rebalance.',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: who deploys it fills it in
    config: linesFor(settings.groupInstanceId, '${POD_NAME}', { members: [last] }),
  }
}

function placeOf({ clientId, clientHost }: StoryMember): string {
  return `${clientHost} ${clientId}`
}
