import { ErrorCode, ListGroups } from '@rivven/protocol'
import { filterInTurns } from '../../breath.js'
import { handler } from '../handler.js'
import { mayOnCluster, mayOnGroup } from '../rights/denial.js'

export const handleListGroups = handler(ListGroups, async (request, { cluster, coordinator, runtime }, context) => {
  // Others may have made groups, and ended them, where this broker was replaced.
  if (!cluster.isServing) return { throttleTimeMs: 0, errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, groups: [] }
  const all = await coordinator.listGroups(request)
  const isShown = ({ groupId }: { groupId: string }) => mayOnGroup(context, 'DESCRIBE', groupId)
  const groups = mayOnCluster(context, 'DESCRIBE') ? all : await filterInTurns(all ?? [], runtime.clock, isShown)
  return {
    throttleTimeMs: 0,
    errorCode: all ? ErrorCode.NONE : ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    groups: groups ?? [],
  }
})
