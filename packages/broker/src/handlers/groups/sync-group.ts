import { syncGroupRefusal } from '@rivven/groups'
import { ErrorCode, SyncGroup } from '@rivven/protocol'
import { handler } from '../handler.js'
import { denial } from '../rights/denial.js'

export const handleSyncGroup = handler(SyncGroup, (request, { coordinator }, context) => {
  const denied = denial(context, 'READ', 'GROUP', request.groupId)
  return denied === ErrorCode.NONE ? coordinator.syncGroup(request, context) : syncGroupRefusal(denied)
})
