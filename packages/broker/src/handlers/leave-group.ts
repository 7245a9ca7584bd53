import { LeaveGroup } from '@rivven/protocol'
import { handler } from './handler.js'

export const handleLeaveGroup = handler(LeaveGroup, (request, { coordinator }, context) =>
  coordinator.leaveGroup(request, context),
)
