import type { GroupEvent } from '../events.js'
import type { Group } from '../group.js'
import type { StoryMember } from '../rebalance-note.js'
import type { Turn } from '../turn.js'
import type { Administrator } from './administrator.js'
import { resolveAim } from './aim.js'
import { fingerprintOf } from './fingerprint.js'
import type { PlannedChange, ResetOutcome, ResetRequest, RunningReset, WantedOffset } from './running-reset.js'
import { keepSnapshot, newSnapshot, type Snapshot, type SnapshotMode } from './snapshot.js'

interface Planned extends PlannedChange {
  readonly isChange: boolean
  readonly wanted: WantedOffset
}

/** What a reset would do now. */
export function planOf(group: Group, { wanted, limitsOf }: ResetRequest): Planned[] {
  return wanted.map((one) => {
    const { topic, partition, aim } = one
    const oldOffset = group.offsets.get(topic, partition)?.offset ?? null
    const { offset, note, isChange } = resolveAim(aim, oldOffset, limitsOf(topic, partition))
    return { topic, partition, oldOffset, newOffset: offset, note, isChange, wanted: one }
  })
}

interface Way {
  readonly request: ResetRequest
  readonly who: Administrator
  readonly mode: SnapshotMode
  readonly memberCount: number
  readonly fenced: readonly StoryMember[]
}

/**
 * The offsets change, in one batch with the generation that they are for: all of them or none. What was committed before counts no
 * more, be it by members or in transactions that are still open; what is committed later is by members of that generation.
 */
export function changeOffsets(turn: Turn, { request, who, mode, memberCount, fenced }: Way): ResetOutcome {
  const { group } = turn
  const planned = planOf(group, request)
  const changes = planned.filter(({ isChange }) => isChange)
  const { generation } = group
  const answer = { changes: planned.map(told), fingerprint: fingerprintOf(planned), generation, mode, memberCount }
  if (changes.length === 0) return { kind: 'done', ...answer, snapshot: null, fenced }
  const { reason, undoes } = request
  const snapshot = newSnapshot(turn, { ...who, reason, mode, generation, undoes, changes: changes.map(bare) })
  turn.storeWhole()
  for (const change of changes) turn.emit(eventOf(turn, change))
  const kept = keepSnapshot(turn, snapshot)
  for (const event of [...kept, ...markUndone(turn, snapshot, kept)]) turn.emit(event)
  turn.note('reset', { cause: 'offsets reset', reason: request.reason, facts: { how: mode } })
  return { kind: 'done', ...answer, snapshot: snapshot.id, fenced }
}

/** The turning point of a reset with members: their next generation begins with the new offsets. */
export function turnOver(turn: Turn, reset: RunningReset): void {
  const { request, who, memberCount, fenced, ticket } = reset
  turn.group.reset = null
  const mode = fenced.length > 0 ? 'fenced' : 'handed over'
  turn.answer(ticket, changeOffsets(turn, { request, who, mode, memberCount, fenced }))
}

/**
 * A snapshot can be returned to again; that it was is said, if it is still kept. It is of no generation then: the new one is of a
 * later one.
 */
function markUndone({ shard, group }: Turn, { undoes, id }: Snapshot, kept: readonly GroupEvent[]): GroupEvent[] {
  const undone = undoes === null ? undefined : shard.snapshots.find(group.groupId, undoes)
  const isGone = kept.some((event) => event.kind === 'OffsetsReset' && event.id === undoes && event.snapshot === null)
  if (!undone || isGone) return []
  const snapshot = { ...undone, generation: 0, undoneBy: id }
  return [{ kind: 'OffsetsReset', groupId: group.groupId, id: undone.id, snapshot }]
}

function eventOf({ group, now }: Turn, { topic, partition, newOffset, wanted }: Planned): GroupEvent {
  const { groupId } = group
  if (newOffset === null) return { kind: 'OffsetDeleted', groupId, topic, partition }
  const times = { commitTimestamp: now.wall, expireTimestamp: -1 }
  const offset = { offset: newOffset, leaderEpoch: -1, metadata: '', ...times, topicId: wanted.topicId }
  return { kind: 'OffsetCommitted', groupId, topic, partition, offset }
}

export function told({ topic, partition, oldOffset, newOffset, note }: PlannedChange): PlannedChange {
  return { topic, partition, oldOffset, newOffset, note }
}

function bare({ topic, partition, oldOffset, newOffset }: PlannedChange) {
  return { topic, partition, oldOffset, newOffset }
}
