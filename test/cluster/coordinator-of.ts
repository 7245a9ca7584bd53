import type { RivvenCluster } from '@rivven/testing'

/** Java's String.hashCode, from its documentation: s[0]·31^(n-1) + … + s[n-1] in 32 bits. */
export function hashCode(text: string): number {
  let hash = 0n
  for (let at = 0; at < text.length; at++) hash = hash * 31n + BigInt(text.charCodeAt(at))
  return Number(BigInt.asIntN(32, hash))
}

/** Kafka's partitionFor(group), its sign taken away as Utils.abs does. */
export function partitionOf(groupId: string, partitions: number): number {
  const hash = hashCode(groupId)
  return (hash === -(2 ** 31) ? 0 : Math.abs(hash)) % partitions
}

/** Who has to coordinate a group: the leader of its partition. */
export function coordinatorOf(cluster: RivvenCluster, groupId: string, partitions: number): number | null {
  return cluster.leaderOf('__consumer_offsets', partitionOf(groupId, partitions))
}

/** How many of a topic's first partitions a broker leads. */
export function ledBy(cluster: RivvenCluster, id: number, topic: string, partitions: number): number {
  const all = Array.from({ length: partitions }, (_, partition) => partition)
  return all.filter((partition) => cluster.leaderOf(topic, partition) === id).length
}
