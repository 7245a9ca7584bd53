import { type Nudge, nudgesPath } from '../../cluster/peers/nudges.js'
import { needed, value } from '../parameters.js'
import { route } from '../route.js'
import { shape } from '../shape.js'

/** What another broker says of its groups: members that fetch here should heartbeat. */
export const takeNudges = route(
  {
    name: `POST ${nudgesPath}`,
    about: 'Members that fetch here should heartbeat.',
    rights: { needs: 'CLUSTER_ACTION CLUSTER' },
    body: { nudges: needed(value(areNudges, 'Who they are.')) },
    answer: shape('Nudged', {}),
    isInternal: true,
  },
  ({ services, body: { nudges = [] } }) => {
    services.rebalanceHints.nudged(nudges)
    return {}
  },
)

function areNudges(given: unknown): given is readonly Nudge[] {
  return Array.isArray(given) && given.every(isNudge)
}

function isNudge(value: unknown): value is Nudge {
  const { groupId, clientId, clientHost, topic, partition, formedMsAgo } = Object(value) as Partial<Nudge>
  const texts = [groupId, clientId, clientHost, topic]
  return texts.every((text) => typeof text === 'string') && Number.isInteger(partition) && Number.isFinite(formedMsAgo)
}
