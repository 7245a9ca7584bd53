import { DeleteGroups, ErrorCode } from '@rivven/protocol'
import { askInTurns } from '../../breath.js'
import { handler } from '../handler.js'
import { distinctInTurns } from '../repeats.js'
import { denial } from '../rights/denial.js'

/** A group named twice is deleted and answered once (classic-groups.md §3.5). */
export const handleDeleteGroups = handler(DeleteGroups, async (request, { coordinator, runtime }, context) => {
  const groupIds = await distinctInTurns(request.groupsNames, (groupId) => groupId, runtime.clock)
  const results = await askInTurns(groupIds, runtime.clock, (groupId) => {
    const errorCode = denial(context, 'DELETE', 'GROUP', groupId)
    return errorCode === ErrorCode.NONE ? coordinator.deleteGroup(groupId, context) : { groupId, errorCode }
  })
  return { throttleTimeMs: 0, results }
})
