import { DeleteGroups } from '@rivven/protocol'
import { handler } from './handler.js'

/** A group named twice is deleted and answered once (classic-groups.md §3.5). */
export const handleDeleteGroups = handler(DeleteGroups, async (request, { coordinator }, context) => {
  const groupIds = [...new Set(request.groupsNames)]
  return {
    throttleTimeMs: 0,
    results: await Promise.all(groupIds.map((groupId) => coordinator.deleteGroup(groupId, context))),
  }
})
