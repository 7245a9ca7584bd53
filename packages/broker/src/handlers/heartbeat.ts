import { Heartbeat } from '@rivven/protocol'
import { handler } from './handler.js'

export const handleHeartbeat = handler(Heartbeat, (request, { coordinator }, context) =>
  coordinator.heartbeat(request, context),
)
