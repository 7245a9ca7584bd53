import type { Status } from '@rivven/groups'
import { placed } from '../places.js'
import type { GroupFact, PartitionFact } from './any-broker-facts.js'
import type { PaceFact } from './two-look-facts.js'

/** What was seen of a group at one time. */
export interface Look {
  /** Milliseconds, of any clock that only goes on. */
  readonly at: number
  readonly group: GroupFact
  readonly partitions: readonly PartitionFact[]
}

const stallSeconds = 120
const warnSeconds = 30

/** How a group gets on, by two looks: what a broker of Rivven knows from many. Partitions of the second that the first has not are left out. */
export function paceOf(first: Look, second: Look): PaceFact[] {
  const before = placed(first.partitions)
  const seconds = Math.max(1, second.at - first.at) / 1_000
  return second.partitions.flatMap((now): PaceFact[] => {
    const then = before(now)
    if (!then) return []
    const perSecond = (one: number | null, other: number | null) =>
      one === null || other === null ? null : (other - one) / seconds
    return [
      {
        topic: now.topic,
        partition: now.partition,
        consumedPerSecond: perSecond(then.currentOffset, now.currentOffset),
        producedPerSecond: perSecond(then.logEndOffset, now.logEndOffset),
        removedPerSecond: perSecond(then.logStartOffset, now.logStartOffset),
        status: statusOf(then, now, second.group),
      },
    ]
  })
}

/** Since when the group has been as it is, by two looks at least since the first; undefined: it has changed between them. */
export function isUnchanged(first: Look, second: Look): boolean {
  return formOf(first.group) === formOf(second.group)
}

function formOf({ state, members }: GroupFact): string {
  if (state !== 'Stable') return state
  return JSON.stringify(members.map(({ memberId, assignment }) => [memberId, assignment]).sort())
}

/** As a broker of Rivven would say it, which knows of commits that moved nothing, too. */
function statusOf(then: PartitionFact, now: PartitionFact, { members }: GroupFact): Status | null {
  if (then.currentOffset === null || now.currentOffset === null) return null
  if (now.currentOffset < then.currentOffset) return 'REWIND'
  const age = now.lagSeconds ?? 0
  const stands = now.currentOffset === then.currentOffset
  if (age > stallSeconds && stands) return members.length === 0 || now.owner === null ? 'STOP' : 'STALL'
  return age > warnSeconds && (now.lag ?? 0) >= (then.lag ?? 0) ? 'WARN' : 'OK'
}
