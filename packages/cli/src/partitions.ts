import type { Admin } from '@rivven/client'
import { Failure } from './failure.js'

/** Numbers of a topic's partitions: those wanted, which must be there, or all. Throws for a topic that is not there. */
export async function partitionsOf(admin: Admin, topic: string, wanted?: readonly number[]): Promise<number[]> {
  const [found] = await admin.describeTopics([topic])
  const all = found!.partitions.map(({ partition }) => partition)
  if (wanted === undefined) return all
  checkPartitions(topic, all.length, wanted)
  return [...new Set(wanted)]
}

export function checkPartitions(topic: string, count: number, wanted: readonly number[]): void {
  const missing = wanted.find((partition) => partition < 0 || partition >= count)
  if (missing === undefined) return
  const all = count === 1 ? 'only partition 0' : `partitions 0 to ${count - 1}`
  throw new Failure('absent', `Topic "${topic}" has no partition ${missing}: it has ${all}.`)
}
