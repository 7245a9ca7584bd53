import type { Breath } from '../../breath.js'
import type { Topic } from '../../catalog/catalog.js'
import { topicsOf } from '../../coordinator/groups/member-topics.js'
import type { BrokerServices } from '../../handlers/handler.js'
import { eachSeenGroup } from '../groups/seen-groups.js'
import type { Visitor } from '../route.js'
import type { TopicPage, TopicRow } from './topic-shapes.js'

type Facts = Omit<TopicPage, 'configs' | 'partitions' | 'missing'>

/** What the catalog says of it. */
export function factsOfTopic(topic: Topic): Facts {
  const { name, id, isInternal, partitionCount, replicationFactor, logConfig } = topic
  const { cleanupPolicy, retentionMs } = logConfig
  const policies = (['delete', 'compact'] as const).filter((policy) => cleanupPolicy[policy])
  return {
    topic: name,
    topicId: id,
    isInternal,
    partitionCount,
    replicationFactor: replicationFactor ?? 1,
    cleanupPolicy: policies.join(','),
    retentionMs,
  }
}

type Services = Pick<BrokerServices, 'logs' | 'lag'>

/** A line of the list, but for who reads it: of the partitions that this broker leads. */
export function rowOfTopic(topic: Topic, { logs, lag }: Services): Omit<TopicRow, 'groupCount'> {
  const { name, partitionCount } = topic
  const sizes: (number | null)[] = []
  const rates: (number | null)[] = []
  for (let partition = 0; partition < partitionCount; partition++) {
    if (!logs.has(name, partition)) continue
    // Nobody has written to one that is not open.
    sizes.push(logs.opened(name, partition)?.size ?? 0)
    rates.push(lag.sampler.producedPerSecond(name, partition))
  }
  return { ...factsOfTopic(topic), size: sumOf(sizes), producedPerSecond: sumOf(rates) }
}

/** Of what is known; null: nothing is. */
export function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

/** How many groups that this broker coordinates, and the caller may see, read each of these topics: one look at all groups. */
export async function readersOf(
  visitor: Visitor,
  topics: ReadonlySet<string>,
  breath: Breath,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  await eachSeenGroup(visitor, breath, (group) => {
    const read = new Set(group.offsets.committed.keys())
    for (const member of group.members.values()) for (const topic of topicsOf(group, member) ?? []) read.add(topic)
    for (const topic of read) if (topics.has(topic)) counts.set(topic, (counts.get(topic) ?? 0) + 1)
  })
  return counts
}
