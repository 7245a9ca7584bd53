import { joinGroupRefusal } from '@rivven/groups'
import { ErrorCode, JoinGroup } from '@rivven/protocol'
import { handler } from '../handler.js'
import { denial } from '../rights/denial.js'

export const handleJoinGroup = handler(JoinGroup, (request, { coordinator }, context) => {
  const denied = denial(context, 'READ', 'GROUP', request.groupId)
  return denied === ErrorCode.NONE
    ? coordinator.joinGroup(request, context, context.connection)
    : joinGroupRefusal(denied, request.memberId, context.apiVersion)
})
