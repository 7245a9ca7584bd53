import { ErrorCode } from '@rivven/protocol'
import type { Call, Decision } from '../decision.js'
import type { GroupEvent } from '../events.js'
import type { Group } from '../group.js'
import { withSnapshot } from '../reset/administrative.js'
import { administratorOf } from '../reset/administrator.js'
import type { GroupShard } from '../shard.js'
import { answerOnly, noteOf } from '../turn.js'

/** One group of a DeleteGroups request (specification 3.5). Offsets, handed-out ids and the group itself go; a snapshot stays. */
export function deleteGroup(shard: GroupShard, { request: groupId, ticket, context, now }: Call<string>): Decision {
  const group = shard.groups.get(groupId)
  if (!group) return answerOnly(ticket, { groupId, errorCode: ErrorCode.GROUP_ID_NOT_FOUND })
  if (group.state !== 'Empty') return answerOnly(ticket, { groupId, errorCode: ErrorCode.NON_EMPTY_GROUP })
  const replies = [{ ticket, response: { groupId, errorCode: ErrorCode.NONE } }]
  const tombstones = offsetTombstones(group)
  const who = administratorOf(context)
  const kept = withSnapshot({ shard, group, now }, { who, mode: 'group deleted', events: tombstones })
  const events = [...kept.events, ...groupTombstones(group)]
  const notes = group.generation > 0 ? [noteOf(group, 'deleted', { cause: 'admin' })] : []
  return { events, replies, deadline: Infinity, notes }
}

/** Every offset of the group goes, also those of open transactions. */
export function offsetTombstones(group: Group): GroupEvent[] {
  const { groupId, offsets } = group
  return Array.from(offsets.partitions(), (partition) => ({ kind: 'OffsetDeleted', groupId, ...partition }) as const)
}

/** The group goes; a record with its reserved generation goes along. */
export function groupTombstones({ groupId, reservedGeneration }: Group): GroupEvent[] {
  const reserved: GroupEvent[] =
    reservedGeneration > 0 ? [{ kind: 'GenerationReserved', groupId, generation: null }] : []
  return [...reserved, { kind: 'GroupDeleted', groupId }]
}
