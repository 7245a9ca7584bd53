import type { GroupEvent } from '../events.js'
import type { Turn } from '../turn.js'

/**
 * How offsets were changed. empty, handed over, fenced: by a reset, of a group without members, with members that gave up what
 * they had first, and with some that did not. The others: by requests of Kafka's protocol, which need no members.
 */
export type SnapshotMode = 'empty' | 'handed over' | 'fenced' | 'commit' | 'offsets deleted' | 'group deleted'

/** One offset before and after; null: none. */
export interface OffsetChange {
  readonly topic: string
  readonly partition: number
  readonly oldOffset: number | null
  readonly newOffset: number | null
}

/** Offsets as they were before somebody changed them who is no member of the group. */
export interface Snapshot {
  /** Rises with each change of the group's offsets. */
  readonly id: number
  /** Wall milliseconds. */
  readonly time: number
  /** Who, as the authorizer calls it; empty: not known. */
  readonly by: string
  /** Whose request it was: address and client id. */
  readonly from: string
  readonly tool: string
  readonly reason: string
  readonly mode: SnapshotMode
  /**
   * The generation from which on the new offsets count. A group that a log holds in an older one has been left by its
   * coordinator in the middle: its members are none any more. 0: of no generation.
   */
  readonly generation: number
  readonly changes: readonly OffsetChange[]
  /** The snapshot that this change was a return to; null: it was another change. */
  readonly undoes: number | null
  /** The later change that was a return to this one; null: there was none. */
  readonly undoneBy: number | null
}

/** What is kept of each group, and for how long after a change. */
export const mostSnapshots = 10
export const snapshotRetentionMs = 7 * 24 * 60 * 60 * 1_000
/** Of all groups of a shard together, in changes. */
const mostChanges = 50_000
const longestText = 255

/** The snapshots of a shard, by group. Written by `replay` alone; a group that is deleted keeps its own. */
export class Snapshots {
  /** The group that was changed last is the last. */
  readonly #byGroup = new Map<string, readonly Snapshot[]>()
  #changes = 0

  /** Oldest first. */
  of(groupId: string): readonly Snapshot[] {
    return this.#byGroup.get(groupId) ?? []
  }

  find(groupId: string, id: number): Snapshot | undefined {
    return this.of(groupId).find((snapshot) => snapshot.id === id)
  }

  /** Takes the place of one with the same id. */
  put(groupId: string, snapshot: Snapshot): void {
    this.#replace(groupId, snapshot.id, snapshot)
  }

  forget(groupId: string, id: number): void {
    this.#replace(groupId, id, null)
  }

  /** How many changes are beyond what a shard keeps. */
  get excess(): number {
    return this.#changes - mostChanges
  }

  *all(): Iterable<readonly [groupId: string, snapshot: Snapshot]> {
    for (const [groupId, snapshots] of this.#byGroup) for (const snapshot of snapshots) yield [groupId, snapshot]
  }

  #replace(groupId: string, id: number, by: Snapshot | null): void {
    const others = this.of(groupId).filter((snapshot) => snapshot.id !== id)
    const now = by ? [...others, by].sort((a, b) => a.id - b.id) : others
    this.#changes += weightOf(now) - weightOf(this.of(groupId))
    this.#byGroup.delete(groupId)
    if (now.length > 0) this.#byGroup.set(groupId, now)
  }
}

function weightOf(snapshots: readonly Snapshot[]): number {
  return snapshots.reduce((sum, { changes }) => sum + 1 + changes.length, 0)
}

type Told = Pick<Snapshot, 'by' | 'from' | 'tool' | 'reason' | 'mode' | 'generation' | 'changes' | 'undoes'>

/** The next snapshot of a group. */
export function newSnapshot({ shard, group, now }: Pick<Turn, 'shard' | 'group' | 'now'>, told: Told): Snapshot {
  const id = (shard.snapshots.of(group.groupId).at(-1)?.id ?? 0) + 1
  return { ...inShort(told), id, time: Math.round(now.wall), undoneBy: null }
}

/** What clients call themselves and say is kept as far as a record should be long. */
function inShort(told: Told): Told {
  const cut = (text: string) => text.slice(0, longestText)
  return { ...told, by: cut(told.by), from: cut(told.from), tool: cut(told.tool), reason: cut(told.reason) }
}

/** The events that keep a snapshot, and let those go that are too many with it. */
export function keepSnapshot({ shard, group }: Pick<Turn, 'shard' | 'group'>, snapshot: Snapshot): GroupEvent[] {
  const { groupId } = group
  const others = shard.snapshots.of(groupId).filter(({ id }) => id !== snapshot.id)
  const old = others.slice(0, Math.max(0, others.length + 1 - mostSnapshots))
  const kept: GroupEvent = { kind: 'OffsetsReset', groupId, id: snapshot.id, snapshot }
  return [kept, ...old.map(({ id }) => forgotten(groupId, id)), ...tooMany(shard.snapshots, groupId, snapshot)]
}

/** Those whose time is over. */
export function expiredSnapshots(snapshots: Snapshots, wall: number): GroupEvent[] {
  const events: GroupEvent[] = []
  for (const [groupId, { id, time }] of snapshots.all())
    if (wall - time >= snapshotRetentionMs) events.push(forgotten(groupId, id))
  return events
}

/** Whoever deletes groups all day long must not fill the memory: those go first whose group was changed longest ago. */
function tooMany(snapshots: Snapshots, groupId: string, { changes }: Snapshot): GroupEvent[] {
  const events: GroupEvent[] = []
  let excess = snapshots.excess + 1 + changes.length
  if (excess <= 0) return events
  for (const [other, { id, changes }] of snapshots.all()) {
    if (excess <= 0) break
    if (other === groupId) continue
    events.push(forgotten(other, id))
    excess -= 1 + changes.length
  }
  return events
}

function forgotten(groupId: string, id: number): GroupEvent {
  return { kind: 'OffsetsReset', groupId, id, snapshot: null }
}
