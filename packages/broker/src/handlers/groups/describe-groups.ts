import { type DescribedGroup, describeGroupRefusal } from '@rivven/groups'
import { DescribeGroups, ErrorCode } from '@rivven/protocol'
import { askInTurns, mapInTurns } from '../../breath.js'
import { authorizedOperations } from '../authorized-operations.js'
import { handler, type RequestContext } from '../handler.js'
import { denial } from '../rights/denial.js'

/** A group named twice is answered twice (classic-groups.md §3.7), but looked at once. */
export const handleDescribeGroups = handler(DescribeGroups, async (request, { coordinator, runtime }, context) => {
  const { clock } = runtime
  const named = [...new Set(request.groups)]
  const described = await askInTurns(named, clock, (groupId) => {
    const denied = denial(context, 'DESCRIBE', 'GROUP', groupId)
    return denied === ErrorCode.NONE
      ? coordinator.describeGroup(groupId, context.apiVersion)
      : describeGroupRefusal(groupId, denied)
  })
  const groups = request.includeAuthorizedOperations
    ? await mapInTurns(described, clock, (group) => withOperations(group, context))
    : described
  return { throttleTimeMs: 0, groups: named.length < request.groups.length ? asNamed(request.groups, groups) : groups }
})

function withOperations(group: DescribedGroup, context: RequestContext): DescribedGroup {
  if (group.errorCode !== ErrorCode.NONE) return group
  return { ...group, authorizedOperations: authorizedOperations(context, 'GROUP', group.groupId) }
}

function asNamed(groupIds: readonly string[], groups: readonly DescribedGroup[]): DescribedGroup[] {
  const byId = new Map(groups.map((group) => [group.groupId, group]))
  return groupIds.flatMap((groupId) => byId.get(groupId) ?? [])
}
