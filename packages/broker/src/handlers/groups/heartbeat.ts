import { ErrorCode, Heartbeat } from '@rivven/protocol'
import { handler } from '../handler.js'
import { denial } from '../rights/denial.js'

export const handleHeartbeat = handler(Heartbeat, (request, { coordinator }, context) => {
  const denied = denial(context, 'READ', 'GROUP', request.groupId)
  return denied === ErrorCode.NONE ? coordinator.heartbeat(request, context, context.connection) : { errorCode: denied }
})
