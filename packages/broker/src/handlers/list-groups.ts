import { ErrorCode, ListGroups } from '@rivven/protocol'
import { handler } from './handler.js'

export const handleListGroups = handler(ListGroups, (request, { coordinator }) => {
  const groups = coordinator.listGroups(request)
  return {
    throttleTimeMs: 0,
    errorCode: groups ? ErrorCode.NONE : ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    groups: groups ?? [],
  }
})
