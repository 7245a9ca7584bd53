import { ErrorCode, ListGroups } from '@rivven/protocol'
import { handler } from './handler.js'
import { denial, mayOnCluster } from './rights/denial.js'

export const handleListGroups = handler(ListGroups, (request, { coordinator }, context) => {
  const all = coordinator.listGroups(request)
  const isShown = ({ groupId }: { groupId: string }) => denial(context, 'DESCRIBE', 'GROUP', groupId) === ErrorCode.NONE
  const groups = mayOnCluster(context, 'DESCRIBE') ? all : all?.filter(isShown)
  return {
    throttleTimeMs: 0,
    errorCode: groups ? ErrorCode.NONE : ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    groups: groups ?? [],
  }
})
