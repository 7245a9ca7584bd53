import { ErrorCode, Heartbeat, type HeartbeatResponse } from '@rivven/protocol'
import { handler } from '../handler.js'
import { denial } from '../rights/denial.js'

/** Why a member is refused is said to clients of ours alone: not all others pass over a field that Kafka does not have. */
export const handleHeartbeat = handler(Heartbeat, (request, { coordinator, rebalanceHints }, context) => {
  const denied = denial(context, 'READ', 'GROUP', request.groupId)
  if (denied !== ErrorCode.NONE) return { errorCode: denied }
  const answer = coordinator.heartbeat(request, context, context.connection)
  if (rebalanceHints.knows(context.connection)) return answer
  return answer instanceof Promise ? answer.then(withoutReason) : withoutReason(answer)
})

function withoutReason(answer: HeartbeatResponse): HeartbeatResponse {
  return answer.reason === null ? answer : { ...answer, reason: null }
}
