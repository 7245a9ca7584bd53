import { type DescribedGroup, describeGroupRefusal } from '@rivven/groups'
import { DescribeGroups, ErrorCode } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { askInTurns, mapInTurns } from '../../breath.js'
import { authorizedOperations } from '../authorized-operations.js'
import { handler, type RequestContext } from '../handler.js'
import { distinctInTurns } from '../repeats.js'
import { denial } from '../rights/denial.js'

/** A group named twice is answered twice (classic-groups.md §3.7), but looked at once. */
export const handleDescribeGroups = handler(DescribeGroups, async (request, { coordinator, runtime }, context) => {
  const { clock } = runtime
  const named = await distinctInTurns(request.groups, (groupId) => groupId, clock)
  const described = await askInTurns(named, clock, (groupId) => {
    const denied = denial(context, 'DESCRIBE', 'GROUP', groupId)
    return denied === ErrorCode.NONE
      ? coordinator.describeGroup(groupId, context.apiVersion)
      : describeGroupRefusal(groupId, denied)
  })
  const groups = request.includeAuthorizedOperations
    ? await mapInTurns(described, clock, (group) => withOperations(group, context))
    : described
  const hasRepeats = named.length < request.groups.length
  return { throttleTimeMs: 0, groups: hasRepeats ? await asNamed(request.groups, groups, clock) : groups }
})

function withOperations(group: DescribedGroup, context: RequestContext): DescribedGroup {
  if (group.errorCode !== ErrorCode.NONE) return group
  return { ...group, authorizedOperations: authorizedOperations(context, 'GROUP', group.groupId) }
}

/** Every group that is named has been described. */
async function asNamed(groupIds: readonly string[], groups: readonly DescribedGroup[], clock: Clock) {
  const byId = new Map<string, DescribedGroup>()
  await mapInTurns(groups, clock, (group) => byId.set(group.groupId, group))
  return mapInTurns(groupIds, clock, (groupId) => byId.get(groupId) as DescribedGroup)
}
