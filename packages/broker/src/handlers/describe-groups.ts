import { DescribeGroups, ErrorCode } from '@rivven/protocol'
import { groupOperations } from './authorized-operations.js'
import { handler } from './handler.js'

/** A group named twice is answered twice (classic-groups.md §3.7). */
export const handleDescribeGroups = handler(DescribeGroups, async (request, { coordinator }, { apiVersion }) => {
  const groups = await Promise.all(request.groups.map((groupId) => coordinator.describeGroup(groupId, apiVersion)))
  if (!request.includeAuthorizedOperations) return { throttleTimeMs: 0, groups }
  const withOperations = groups.map((group) =>
    group.errorCode === ErrorCode.NONE ? { ...group, authorizedOperations: groupOperations } : group,
  )
  return { throttleTimeMs: 0, groups: withOperations }
})
