import type { PartitionLeader } from '../image.js'
import { leadersBy } from './leaders-by.js'
import { ableOf, add, askedOf, countsOf, leadersIn, type Placement } from './placement.js'
import { TopicQuotas } from './quotas.js'

export interface NewPartitions {
  readonly name: string
  /** That are added; the topic may have some. */
  readonly count: number
}

/**
 * Who should lead partitions that are being made, in their order: such that their topic is spread, and whoever leads the fewest
 * comes first. Nothing else moves for them.
 *
 * @throws Error where no broker is here
 */
export function firstLeaders(placement: Placement, wanted: readonly NewPartitions[]): (readonly number[])[] {
  const { brokers, topics } = placement
  const able = ableOf(brokers)
  if (able.length === 0) throw new Error('No broker is here that could lead the partitions.')
  const there = new Map(topics.map(({ name, partitions }) => [name, partitions]))
  const asked = askedOf(placement, able)
  const load = countsOf(
    topics.flatMap(({ partitions }) => leadersIn(partitions, asked)),
    able,
  )
  return wanted.map(({ name, count }) => {
    const old = there.get(name) ?? []
    const quotas = new TopicQuotas(
      { name, partitions: [...old, ...Array<PartitionLeader>(count).fill(unborn)] },
      able,
      asked,
    )
    quotas.fill(new Map(load))
    const leaders = leadersBy(quotas, old.length).slice(old.length)
    for (const leader of leaders) add(load, leader, 1)
    return leaders
  })
}

const unborn: PartitionLeader = { partId: 0, leader: null, epoch: 0 }
