import type { Catalog, NewTopic, Topic } from './catalog.js'
import { internalTopics } from './topic-name.js'

/** Those that there are not yet and that there is room for, in their order, each name once. Brokers cannot do without their own. */
export function* newAndFitting(
  topics: Iterable<NewTopic>,
  catalog: Pick<Catalog, 'topic' | 'room'>,
): Iterable<NewTopic> {
  const names = new Set<string>()
  let { room } = catalog
  for (const topic of topics) {
    const { name, partitionCount } = topic
    if (catalog.topic(name) || names.has(name)) continue
    if (partitionCount > room && !internalTopics.has(name)) continue
    room -= partitionCount
    names.add(name)
    yield topic
  }
}

/** Makes a topic, or finds the one that has its name. */
export async function madeOrFound(catalog: Pick<Catalog, 'topic' | 'createTopics'>, wanted: NewTopic): Promise<Topic> {
  await catalog.createTopics([wanted])
  const topic = catalog.topic(wanted.name)
  if (!topic) throw new Error(`the topic ${wanted.name} was deleted while it was made`)
  return topic
}
