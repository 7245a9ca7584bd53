import { type Nudge, nudgesPath } from '../../cluster/peers/nudges.js'
import { type Call, refused } from './call.js'

/** What another broker says of its groups: members that fetch here should heartbeat. */
export const takeNudges: Call = {
  name: `POST ${nudgesPath}`,
  needs: 'CLUSTER_ACTION',
  answer({ services, body }) {
    const { nudges } = Object(body) as { nudges?: unknown }
    if (!Array.isArray(nudges) || !nudges.every(isNudge)) return refused(400, 'The body must be {"nudges":[…]}.')
    services.rebalanceHints.nudged(nudges)
    return { status: 200, body: {} }
  },
}

function isNudge(value: unknown): value is Nudge {
  const { groupId, clientId, clientHost, topic, partition, formedMsAgo } = Object(value) as Partial<Nudge>
  const texts = [groupId, clientId, clientHost, topic]
  return texts.every((text) => typeof text === 'string') && Number.isInteger(partition) && Number.isFinite(formedMsAgo)
}
