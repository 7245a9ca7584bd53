import type { Decision } from '../decision.js'
import type { GroupEvent } from '../events.js'
import type { Group } from '../group.js'
import { noteOf, type Turn } from '../turn.js'
import type { Administrator } from './administrator.js'
import { keepSnapshot, newSnapshot, type OffsetChange, type Snapshot, type SnapshotMode } from './snapshot.js'

/** Changes that one client makes within so long of each other are taken back together: tools send several requests. */
const togetherMs = 5_000
/** Beyond so many a new snapshot begins: each request would write all of them anew. */
const mostTogether = 1_000

const administrative: ReadonlySet<SnapshotMode> = new Set(['commit', 'offsets deleted', 'group deleted'])

/** A change of offsets that somebody asks for who is no member. */
export interface AdministrativeChange {
  readonly who: Administrator
  readonly mode: SnapshotMode
  readonly events: readonly GroupEvent[]
}

/**
 * The events of such a change with what keeps the offsets as they were, and a note of it. The snapshot comes first: where many events are
 * stored in parts and the last one is lost, it has them all.
 */
export function withSnapshot(
  turn: Pick<Turn, 'shard' | 'group' | 'now'>,
  change: AdministrativeChange,
): Pick<Decision, 'events' | 'notes'> {
  const changes = changesOf(turn.group, change.events)
  if (changes.length === 0) return { events: change.events }
  const note = noteOf(turn.group, 'reset', { cause: 'offsets reset', facts: { how: change.mode } })
  return { events: [...snapshotOf(turn, change, changes), ...change.events], notes: [note] }
}

function snapshotOf(
  turn: Pick<Turn, 'shard' | 'group' | 'now'>,
  { who, mode }: AdministrativeChange,
  changes: readonly OffsetChange[],
): GroupEvent[] {
  const { generation } = turn.group
  const fresh = newSnapshot(turn, { ...who, reason: '', mode, generation, changes, undoes: null })
  const last = turn.shard.snapshots.of(turn.group.groupId).at(-1)
  return keepSnapshot(turn, last && belongsTo(last, fresh) ? merged(last, fresh) : fresh)
}

/** Whether somebody who is no member commits to a group that members have read for: to one without any that is its use. */
export function isAdministrated({ state, stored }: Group): boolean {
  return state === 'Empty' && stored !== null && stored.generation > 0
}

function changesOf({ offsets }: Group, events: readonly GroupEvent[]): OffsetChange[] {
  const changes: OffsetChange[] = []
  for (const event of events) {
    if (event.kind !== 'OffsetCommitted' && event.kind !== 'OffsetDeleted') continue
    const { topic, partition } = event
    const oldOffset = offsets.get(topic, partition)?.offset ?? null
    const newOffset = event.kind === 'OffsetCommitted' ? event.offset.offset : null
    if (oldOffset !== null || newOffset !== null) changes.push({ topic, partition, oldOffset, newOffset })
  }
  return changes
}

function belongsTo(last: Snapshot, fresh: Snapshot): boolean {
  const isOfOne = last.by === fresh.by && last.from === fresh.from && last.tool === fresh.tool
  const isNear = Math.abs(fresh.time - last.time) < togetherMs
  const isFew = last.changes.length + fresh.changes.length <= mostTogether
  return isOfOne && isNear && isFew && administrative.has(last.mode) && last.undoneBy === null
}

/** From what was before the first to what is after the last. */
function merged(last: Snapshot, fresh: Snapshot): Snapshot {
  const changes = new Map(last.changes.map((change) => [keyOf(change), change]))
  for (const change of fresh.changes) {
    const before = changes.get(keyOf(change))
    changes.set(keyOf(change), before ? { ...change, oldOffset: before.oldOffset } : change)
  }
  return { ...last, mode: fresh.mode, generation: fresh.generation, changes: [...changes.values()] }
}

function keyOf({ topic, partition }: OffsetChange): string {
  return `${partition}:${topic}`
}
