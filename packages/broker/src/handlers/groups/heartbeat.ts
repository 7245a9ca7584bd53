import { ErrorCode, Heartbeat } from '@rivven/protocol'
import { handler } from '../handler.js'
import { denial } from '../rights/denial.js'
import { withReasonFor } from './told-reason.js'

export const handleHeartbeat = handler(Heartbeat, (request, services, context) => {
  const denied = denial(context, 'READ', 'GROUP', request.groupId)
  if (denied !== ErrorCode.NONE) return { errorCode: denied }
  return withReasonFor(services, context, services.coordinator.heartbeat(request, context, context.connection))
})
