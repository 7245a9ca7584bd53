import { JoinGroup } from '@rivven/protocol'
import { handler } from './handler.js'

export const handleJoinGroup = handler(JoinGroup, (request, { coordinator }, context) =>
  coordinator.joinGroup(request, context, context.connection),
)
