import type { Admin, CommittedOffset, OffsetTime } from '@rivven/client'
import type { Change } from './change.js'
import type { FileOffset } from './offset-file.js'
import { type Place, placesOf, type ScopeOptions } from './scope.js'
import type { ComputedTarget } from './target.js'

/** What is to be changed of one group. */
export interface Plan {
  readonly changes: readonly Change[]
  /** Partitions that stay as they are, because there is nothing to shift from. */
  readonly untouched: readonly Place[]
}

interface ResetParts {
  readonly groupId: string
  readonly target: ComputedTarget
  readonly scope: ScopeOptions
  readonly committed: readonly CommittedOffset[]
}

/** The same for all partitions. */
export async function planTo(admin: Admin, { groupId, target, scope, committed }: ResetParts): Promise<Plan> {
  const places = await placesOf(admin, scope, committed)
  if (places.length === 0) throw new Error(`Group "${groupId}" has no offsets: name topics with --topic.`)
  const plan = await planReset(admin, target, places, committed)
  if (plan.changes.length > 0) return plan
  throw new Error(
    `Group "${groupId}" has no offsets there to shift from: take --to-offset, --to-earliest or --to-latest.`,
  )
}

/** New offsets for partitions, kept within what each one holds. */
async function planReset(
  admin: Admin,
  target: ComputedTarget,
  places: readonly Place[],
  committed: readonly CommittedOffset[],
): Promise<Plan> {
  const old = offsetsByPlace(committed)
  const without = target.kind === 'shift' ? places.filter((place) => !old.has(keyOf(place))) : []
  const moving = places.filter((place) => !without.includes(place))
  const limits = await limitsOf(admin, moving)
  const atTime = target.kind === 'time' ? await offsetsAt(admin, moving, target.at) : new Map<string, number>()
  const changes = moving.map((place): Change => {
    const key = keyOf(place)
    const wanted = wantedOffset(target, old.get(key), limits.get(key)!, atTime.get(key))
    return changeOf(place, old, clamped(wanted, limits.get(key)!))
  })
  return { changes, untouched: without }
}

/** What is named for each partition, kept within what it holds; null forgets. */
export async function planOfOffsets(
  admin: Admin,
  offsets: readonly FileOffset[],
  committed: readonly CommittedOffset[],
): Promise<Plan> {
  const old = offsetsByPlace(committed)
  const limits = await limitsOf(
    admin,
    offsets.filter(({ offset }) => offset !== null),
  )
  const oldMetadata = new Map(committed.map((place) => [keyOf(place), place.metadata]))
  const changes = offsets.map(({ topic, partition, offset, metadata }): Change => {
    const place = { topic, partition }
    if (offset === null) return changeOf(place, old, { offset: null, note: null })
    const change = changeOf(place, old, clamped({ offset, note: null }, limits.get(keyOf(place))!))
    const isNew = metadata !== undefined && metadata !== (oldMetadata.get(keyOf(place)) ?? '')
    return isNew ? { ...change, metadata } : change
  })
  return { changes, untouched: [] }
}

interface Wanted {
  offset: number
  note: string | null
}

interface Limits {
  begin: number
  end: number
}

function wantedOffset(
  target: ComputedTarget,
  old: number | undefined,
  { begin, end }: Limits,
  atTime: number | undefined,
): Wanted {
  switch (target.kind) {
    case 'earliest':
      return { offset: begin, note: null }
    case 'latest':
      return { offset: end, note: null }
    case 'current':
      return old === undefined ? { offset: end, note: 'nothing was committed: latest' } : { offset: old, note: null }
    case 'offset':
      return { offset: target.by, note: null }
    case 'shift':
      return { offset: old! + target.by, note: null }
    case 'time':
      return atTime === undefined
        ? { offset: end, note: 'no record since then: latest' }
        : { offset: atTime, note: null }
  }
}

function clamped({ offset, note }: Wanted, { begin, end }: Limits): Wanted {
  if (offset < begin) return { offset: begin, note: `${offset} is before the first record` }
  if (offset > end) return { offset: end, note: `${offset} is behind the end` }
  return { offset, note }
}

function changeOf(
  { topic, partition }: Place,
  old: ReadonlyMap<string, number>,
  { offset, note }: { offset: number | null; note: string | null },
): Change {
  const oldOffset = old.get(keyOf({ topic, partition })) ?? null
  return { topic, partition, oldOffset, newOffset: offset, metadata: null, note }
}

async function limitsOf(admin: Admin, places: readonly Place[]): Promise<Map<string, Limits>> {
  const [begins, ends] = await Promise.all([find(admin, places, 'earliest'), find(admin, places, 'latest')])
  return new Map(
    places.map((place) => [keyOf(place), { begin: begins.get(keyOf(place))!, end: ends.get(keyOf(place))! }]),
  )
}

/** Offsets of the first records that are not older; partitions without any are not in the map. */
async function offsetsAt(admin: Admin, places: readonly Place[], timestamp: number): Promise<Map<string, number>> {
  const found = await find(admin, places, Math.max(0, timestamp))
  return new Map([...found].filter(([, offset]) => offset >= 0))
}

async function find(admin: Admin, places: readonly Place[], timestamp: OffsetTime): Promise<Map<string, number>> {
  if (places.length === 0) return new Map()
  const found = await admin.listOffsets(places.map(({ topic, partition }) => ({ topic, partition, timestamp })))
  return new Map(found.map((place) => [keyOf(place), place.offset]))
}

function offsetsByPlace(committed: readonly CommittedOffset[]): Map<string, number> {
  return new Map(committed.map((place) => [keyOf(place), place.offset]))
}

function keyOf({ topic, partition }: Place): string {
  return `${topic}/${partition}`
}
