import type { Topic } from '../../catalog/catalog.js'
import { leaderOf } from '../../cluster/image.js'
import type { BrokerServices } from '../../handlers/handler.js'
import { Problem } from '../problem.js'
import { route } from '../route.js'
import { factsOfTopic } from './topic-facts.js'
import { type TopicPage, type TopicPartition, topicPage } from './topic-shapes.js'

export const describeTopic = route(
  {
    name: 'GET /api/topics/:topic',
    about: 'One topic with its partitions.',
    rights: { needs: 'DESCRIBE TOPIC', anonymous: 'all' },
    answer: topicPage,
    merge: merged,
    live: { view: 'topic', everyMs: 1000, rows: rowsOf },
  },
  ({ services, path }) => {
    const topic = services.catalog.topic(path.topic ?? '')
    return topic ? pageOf(topic, services) : unknownTopic(path.topic ?? '')
  },
)

export function unknownTopic(name: string): Problem {
  return new Problem('TOPIC_NOT_FOUND', `There is no topic ${name}.`)
}

function pageOf(topic: Topic, services: BrokerServices): TopicPage {
  const partitions = Array.from({ length: topic.partitionCount }, (_, partition) =>
    partitionOf(topic.name, partition, services),
  )
  return { ...factsOfTopic(topic), configs: Object.fromEntries(topic.configs), partitions, missing: [] }
}

function partitionOf(topic: string, partition: number, { cluster, logs }: BrokerServices): TopicPartition {
  const { leader = null, epoch = -1 } = leaderOf(cluster.image, topic, partition) ?? {}
  return { partition, leader, leaderEpoch: epoch, ...factsOf(topic, partition, logs) }
}

type Facts = Omit<TopicPartition, 'partition' | 'leader' | 'leaderEpoch'>

const nothing: Facts = {
  ...{ logStartOffset: null, logEndOffset: null, lastStableOffset: null, size: null, isWritable: null },
}
/** Nobody has written to it. */
const empty: Facts = { logStartOffset: 0, logEndOffset: 0, lastStableOffset: 0, size: 0, isWritable: true }

function factsOf(topic: string, partition: number, logs: BrokerServices['logs']): Facts {
  if (!logs.has(topic, partition)) return nothing
  const log = logs.opened(topic, partition)
  if (!log) return empty
  const { logStartOffset, highWatermark, lastStableOffset, size, isWritable } = log
  return { logStartOffset, logEndOffset: highWatermark, lastStableOffset, size, isWritable }
}

/** Of each partition what its leader says. */
function merged(parts: readonly TopicPage[], _: unknown, missing: readonly number[]): TopicPage {
  const [own, ...others] = parts as [TopicPage, ...TopicPage[]]
  const partitions = own.partitions.map((part, at) => {
    if (part.logEndOffset !== null) return part
    return others.map((other) => other.partitions[at]).find((known) => known && known.logEndOffset !== null) ?? part
  })
  return { ...own, partitions, missing }
}

/** The topic itself, and each partition. */
function* rowsOf({ partitions, ...topic }: TopicPage): Iterable<[string, unknown]> {
  yield ['topic', topic]
  for (const partition of partitions) yield [`partition ${partition.partition}`, partition]
}
