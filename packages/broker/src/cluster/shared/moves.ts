import type { Move as Assignment } from '../../database/members.js'
import type { ClusterImage } from '../image.js'
import type { Placement } from '../placement/placement.js'
import type { Move } from '../placement/plan-moves.js'

/** As if those of `without` were not here. */
export function placementIn({ brokers, topics, asked }: ClusterImage, without: readonly number[] = []): Placement {
  const here = [...brokers.values()].filter(({ id }) => !without.includes(id))
  return { brokers: here, topics: [...topics.values()], asked }
}

/** Whether a partition has no leader, or one that is not here. */
export function hasOrphans({ brokers, topics }: ClusterImage): boolean {
  for (const { partitions } of topics.values()) {
    for (const { leader } of partitions) if (leader === null || !brokers.has(leader)) return true
  }
  return false
}

/** What a broker has to do itself: whoever leads a partition gives it away. */
export function movesFrom(brokerId: number, moves: readonly Move[]): Move[] {
  return moves.filter(({ from }) => from === brokerId)
}

export function movesTo(moves: readonly Move[]): Assignment[] {
  return moves.map(({ partId, epoch, to }) => ({ partId, epoch, target: to }))
}
