import { DeleteGroups } from '@rivven/protocol'
import { mapInTurns } from '../breath.js'
import { handler } from './handler.js'

/** A group named twice is deleted and answered once (classic-groups.md §3.5). */
export const handleDeleteGroups = handler(DeleteGroups, async (request, { coordinator, runtime }, context) => {
  const groupIds = [...new Set(request.groupsNames)]
  const results = await mapInTurns(groupIds, runtime.clock, (groupId) => coordinator.deleteGroup(groupId, context))
  return { throttleTimeMs: 0, results: await Promise.all(results) }
})
