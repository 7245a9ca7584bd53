import type { AskedLeaders, BrokerNode, PartitionLeader, TopicImage } from '../image.js'

/** What a placement is decided by: a part of the cluster's image. */
export interface Placement {
  /** Those that are here. */
  readonly brokers: readonly Pick<BrokerNode, 'id' | 'isDraining'>[]
  readonly topics: readonly PlacedTopic[]
  /** Absent: nobody is wanted anywhere. */
  readonly asked?: AskedLeaders
}

export type PlacedTopic = Pick<TopicImage, 'name' | 'partitions'>

/** By broker, of all that may lead, by rising ids: how many partitions it leads, or should. */
export type Load = Map<number, number>

/** Whoever is not being drained; everybody, where all are: there is nobody else. */
export function ableOf(brokers: Placement['brokers']): number[] {
  const staying = brokers.filter(({ isDraining }) => !isDraining)
  return (staying.length > 0 ? staying : brokers).map(({ id }) => id).sort((a, b) => a - b)
}

/** Of those who may lead. */
export function askedOf({ asked }: Placement, able: readonly number[]): AskedLeaders {
  return new Map([...(asked ?? [])].filter(([, broker]) => able.includes(broker)))
}

/** Leaders that may not lead are left out. */
export function countsOf(leaders: Iterable<number | null>, able: readonly number[]): Load {
  const counts: Load = new Map(able.map((id) => [id, 0]))
  for (const leader of leaders) if (leader !== null && counts.has(leader)) add(counts, leader, 1)
  return counts
}

/** Who leads each partition as soon as whoever is asked for does. */
export function leadersIn(partitions: readonly PartitionLeader[], asked: AskedLeaders): (number | null)[] {
  return partitions.map(({ partId, leader }) => asked.get(partId) ?? leader)
}

export function add(load: Load, id: number, count: number): void {
  load.set(id, count + (load.get(id) ?? 0))
}
