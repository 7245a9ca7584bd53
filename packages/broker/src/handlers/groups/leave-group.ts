import { leaveGroupRefusal } from '@rivven/groups'
import { ErrorCode, LeaveGroup } from '@rivven/protocol'
import { handler } from '../handler.js'
import { denial } from '../rights/denial.js'

export const handleLeaveGroup = handler(LeaveGroup, (request, { coordinator }, context) => {
  const denied = denial(context, 'READ', 'GROUP', request.groupId)
  return denied === ErrorCode.NONE ? coordinator.leaveGroup(request, context) : leaveGroupRefusal(denied)
})
