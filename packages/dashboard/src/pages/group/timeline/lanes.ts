import type { ApiAnswers } from '@rivven/broker'
import { memberLabel } from '../now/owners.js'

type Story = ApiAnswers.Timeline['rebalances'][number]
type Named = Story['joined'][number]

/** A member, and when it was in the group. */
export interface Lane {
  readonly id: string
  readonly label: string
  readonly spans: readonly Span[]
}

export interface Span {
  readonly from: number
  readonly to: number
}

interface OpenLane {
  readonly label: string
  readonly spans: Span[]
  /** In the group since; undefined: it is not. */
  since: number | undefined
}

/** A static member that comes back is the same one. */
function idOf({ groupInstanceId, memberId }: Named): string {
  return groupInstanceId ?? memberId
}

/** Who was in the group when, as far as stories tell; oldest first. `now`: until when those who are in it are drawn. */
export function lanesOf(stories: readonly Story[], members: readonly Named[], now: number): Lane[] {
  const begin = stories[0]?.startedAt ?? now
  const lanes = new Map<string, OpenLane>()
  const laneOf = (member: Named): OpenLane => {
    const known = lanes.get(idOf(member))
    if (known) return known
    const lane: OpenLane = { label: memberLabel(member), spans: [], since: undefined }
    lanes.set(idOf(member), lane)
    return lane
  }
  for (const { startedAt, endedAt, joined, left } of stories) {
    // Who goes without having come was there before all that is told.
    for (const member of left) leave(laneOf(member), begin, startedAt)
    for (const member of joined) laneOf(member).since ??= endedAt
  }
  const present = new Set(members.map(idOf))
  for (const member of members) leave(laneOf(member), begin, now)
  for (const [id, lane] of lanes) if (!present.has(id) && lane.since !== undefined) leave(lane, begin, now)
  return [...lanes].map(([id, { label, spans }]) => ({ id, label, spans }))
}

function leave(lane: OpenLane, begin: number, at: number): void {
  const last = lane.spans.at(-1)?.to
  // Told twice, by two stories of one departure.
  if (lane.since === undefined && last !== undefined) return
  lane.spans.push({ from: lane.since ?? begin, to: at })
  lane.since = undefined
}

/** Puts labels at places into as few lines as they need, so that none covers another; undefined: there is no room. */
export function linesOf(places: readonly { readonly x: number; readonly width: number }[], most: number) {
  const ends: number[] = []
  return places.map(({ x, width }) => {
    const line = ends.findIndex((end) => end <= x)
    const taken = line >= 0 ? line : ends.length
    if (taken >= most) return undefined
    ends[taken] = x + width + 4
    return taken
  })
}
