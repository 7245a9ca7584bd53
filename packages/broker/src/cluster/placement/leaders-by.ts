import { add } from './placement.js'
import type { TopicQuotas } from './quotas.js'

/**
 * Who leads which partition when everybody has its quota. Partitions of nobody who may lead, and the last ones of whoever has
 * too many, go to whoever is furthest below its own; those below `fixed`, and those for which somebody is asked, stay where they are.
 */
export function leadersBy(
  { topic, asked, leaders: before, counts, quotas }: TopicQuotas,
  fixed = 0,
): readonly number[] {
  const leaders = [...before]
  const left = new Map(counts)
  const given: number[] = []
  for (let index = leaders.length - 1; index >= fixed; index--) {
    if (asked.has(topic.partitions[index]?.partId ?? 0)) continue
    const leader = leaders[index] ?? null
    const count = leader === null ? undefined : left.get(leader)
    if (leader !== null && count !== undefined) {
      if (count <= (quotas.get(leader) ?? 0)) continue
      add(left, leader, -1)
    }
    given.push(index)
  }
  for (const index of given.reverse()) {
    const taker = furthestBelow(quotas, left)
    leaders[index] = taker
    add(left, taker, 1)
  }
  return leaders as number[]
}

function furthestBelow(quotas: ReadonlyMap<number, number>, counts: ReadonlyMap<number, number>): number {
  let [furthest, most] = [-1, Number.NEGATIVE_INFINITY]
  for (const [id, quota] of quotas) {
    const missing = quota - (counts.get(id) ?? 0)
    if (missing > most) [furthest, most] = [id, missing]
  }
  return furthest
}
