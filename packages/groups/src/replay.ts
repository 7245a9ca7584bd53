import { countMember } from './classic/members.js'
import { topicsOfGroup } from './classic/voting.js'
import type { GroupEvent, OffsetsReset, StoredGroup, StoredMember } from './events.js'
import { createGroup, type Group, type Member } from './group.js'
import type { GroupShard } from './shard.js'

/** Applies one event. The only code that changes durable state, after a live decision and when a log is loaded alike. */
export function replay(shard: GroupShard, event: GroupEvent): void {
  switch (event.kind) {
    case 'OffsetCommitted':
    case 'OffsetPending':
      changeOffsets(shard, groupFor(shard, event.groupId), event)
      break
    case 'TransactionEnded':
      for (const group of shard.groups.values()) changeOffsets(shard, group, event)
      break
    case 'OffsetDeleted': {
      const group = shard.groups.get(event.groupId)
      if (group) changeOffsets(shard, group, event)
      break
    }
    case 'GroupStored':
      settle(groupFor(shard, event.groupId), event.group)
      break
    case 'GroupDeleted':
      forget(shard, event.groupId)
      break
    case 'GenerationReserved':
      reserve(shard, event.groupId, event.generation)
      break
    case 'OffsetsReset':
      keepSnapshot(shard, event)
      break
    default:
      event satisfies never
  }
}

type OffsetEvent = Extract<
  GroupEvent,
  { kind: 'OffsetCommitted' | 'OffsetPending' | 'TransactionEnded' | 'OffsetDeleted' }
>

function changeOffsets(shard: GroupShard, { offsets }: Group, event: OffsetEvent): void {
  const before = offsets.weight
  if (event.kind === 'OffsetCommitted') offsets.commit(event.topic, event.partition, event.offset)
  else if (event.kind === 'OffsetPending') offsets.hold(event.producer.producerId, event)
  else if (event.kind === 'OffsetDeleted') offsets.delete(event.topic, event.partition)
  else offsets.endTransaction(event.producer.producerId, event.committed)
  shard.offsetWeight += offsets.weight - before
}

function groupFor(shard: GroupShard, groupId: string): Group {
  const known = shard.groups.get(groupId)
  if (known) return known
  const group = createGroup(groupId)
  shard.groups.set(groupId, group)
  return group
}

/** The group is in the state of the record: Stable with its assignments, or Empty. */
function settle(group: Group, stored: StoredGroup): void {
  group.stored = stored
  group.isFenced = false
  group.state = stored.members.length > 0 ? 'Stable' : 'Empty'
  group.stateTimestamp = stored.stateTimestamp
  group.protocolType = stored.protocolType === '' ? null : stored.protocolType
  group.protocolName = stored.protocolName
  group.generation = stored.generation
  group.leaderId = stored.leaderId
  group.assignmentBytes = stored.members.reduce((sum, { assignment }) => sum + assignment.length, 0)
  settleMembers(group, stored)
  group.subscribedTopics = topicsOfGroup(group)
}

function settleMembers(group: Group, { members, protocolName }: StoredGroup): void {
  const before = new Map(group.members)
  group.members.clear()
  group.staticMembers.clear()
  group.supportedProtocols.clear()
  group.memberBytes = 0
  for (const stored of members) {
    const member = settledMember(before.get(stored.memberId), stored, protocolName ?? '')
    group.members.set(member.memberId, member)
    if (member.groupInstanceId !== null) group.staticMembers.set(member.groupInstanceId, member.memberId)
    countMember(group, member, 1)
  }
}

/** A live member gets its assignment; one known from the log alone lists only the protocol that was selected. */
function settledMember(live: Member | undefined, stored: StoredMember, protocolName: string): Member {
  const { subscription, assignment, ...rest } = stored
  const listed = live?.protocols.find(({ name }) => name === protocolName)
  if (live && listed?.metadata.equals(subscription)) {
    live.assignment = assignment
    live.sessionTimeoutMs = stored.sessionTimeoutMs
    live.rebalanceTimeoutMs = stored.rebalanceTimeoutMs
    return live
  }
  const protocols = [{ name: protocolName, metadata: subscription }]
  const deadline = Number.POSITIVE_INFINITY
  const soft = { parkedJoin: null, parkedSync: null, isNew: false, disconnectedAt: null }
  return { ...rest, ...soft, protocols, assignment, deadline }
}

/** Offsets have tombstones of their own; a group that still has some stays as one that only stores offsets. */
function forget(shard: GroupShard, groupId: string): void {
  const group = shard.groups.get(groupId)
  if (!group) return
  shard.groups.delete(groupId)
  if (group.offsets.isEmpty) return
  const { offsets } = group
  shard.groups.set(groupId, { ...createGroup(groupId), offsets })
}

function reserve(shard: GroupShard, groupId: string, generation: number | null): void {
  if (generation !== null) groupFor(shard, groupId).reservedGeneration = generation
  else {
    const group = shard.groups.get(groupId)
    if (group) group.reservedGeneration = 0
  }
}

/** It outlives its group; one that is there is fenced by it. */
function keepSnapshot(shard: GroupShard, { groupId, id, snapshot }: OffsetsReset): void {
  if (snapshot === null) {
    shard.snapshots.forget(groupId, id)
    return
  }
  shard.snapshots.put(groupId, snapshot)
  const group = shard.groups.get(groupId)
  if (group && snapshot.generation > group.resetGeneration) group.resetGeneration = snapshot.generation
}
