import fc from 'fast-check'
import type { Placement } from '../../../src/cluster/placement/placement.js'
import type { Move } from '../../../src/cluster/placement/plan-moves.js'

/** `leaders` by topic: `{ orders: [1, 2, null] }`. A broker's id with a minus is one that is being drained. */
export function placementOf(
  brokers: readonly number[],
  leaders: Readonly<Record<string, readonly (number | null)[]>>,
): Placement {
  let partId = 0
  const partitions = (of: readonly (number | null)[]) => of.map((leader) => ({ partId: ++partId, leader, epoch: 7 }))
  return {
    brokers: brokers.map((id) => ({ id: Math.abs(id), isDraining: id < 0 })),
    topics: Object.entries(leaders).map(([name, of]) => ({ name, partitions: partitions(of) })),
  }
}

/** As it is when the moves were made. */
export function after({ topics, ...others }: Placement, moves: readonly Move[]): Placement {
  const targets = new Map(moves.map(({ partId, to }) => [partId, to]))
  const moved = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((partition) => {
      const leader = targets.get(partition.partId)
      return leader === undefined ? partition : { ...partition, leader, epoch: partition.epoch + 1 }
    }),
  }))
  return { ...others, topics: moved }
}

export function leadersIn({ topics }: Placement): Record<string, (number | null)[]> {
  return Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions.map(({ leader }) => leader)]))
}

/** Any: with brokers that are gone or drained, leaders that are nobody, and nothing spread. */
export const anyPlacement: fc.Arbitrary<Placement> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
    fc.nat(63),
    fc.array(fc.array(fc.option(fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 14 }), { maxLength: 12 }),
  )
  .map(([ids, drained, topics]) =>
    placementOf(
      ids.map((id, at) => (drained & (1 << at) && drained % 3 === 0 ? -id : id)),
      Object.fromEntries(topics.map((of, at) => [`t${at}`, of])),
    ),
  )

/** The same, with brokers that are asked to lead some of its partitions, some of them not there. */
export const anyAskedPlacement: fc.Arbitrary<Placement> = fc
  .tuple(anyPlacement, fc.array(fc.option(fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 40 }))
  .map(([placement, wanted]) => {
    const ids = placement.topics.flatMap(({ partitions }) => partitions.map(({ partId }) => partId))
    const asked = ids.flatMap((partId, at) => {
      const broker = wanted[at % wanted.length]
      return typeof broker === 'number' ? [[partId, broker] as const] : []
    })
    return { ...placement, asked: new Map(asked) }
  })
