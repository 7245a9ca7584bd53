import { Breath } from '../../breath.js'
import type { Topic } from '../../catalog/catalog.js'
import { boolean, oneOf, text } from '../../config/setting.js'
import { mayOnTopic } from '../../handlers/rights/denial.js'
import { PageOf, pageQuery, type SortKey } from '../lists/page-of.js'
import { Problem } from '../problem.js'
import { route } from '../route.js'
import { type TopicRow, topicList } from './topic-shapes.js'

const sorts = ['topic', 'partitions', 'retention'] as const

export const listTopics = route(
  {
    name: 'GET /api/topics',
    about: 'Topics, a page of them: those that one may describe.',
    rights: { asks: ['DESCRIBE TOPIC'], anonymous: 'all' },
    query: {
      search: text('', 'Only topics with this in their name; upper and lower case are the same.'),
      internal: boolean(false, 'The broker’s own, too?'),
      sort: oneOf(sorts, 'topic', 'topic (the name), partitions or retention.'),
      ...pageQuery,
    },
    answer: topicList,
    live: { view: 'topics', everyMs: 2000, rows: ({ items }) => items.map((row) => [row.topic, row]), isOrdered: true },
  },
  async ({ services: { catalog, runtime }, caller, query }) => {
    const page = PageOf.begin<Topic>(query)
    if (page instanceof Problem) return page
    const breath = new Breath(runtime.clock)
    const words = query.search.toLowerCase()
    for (const topic of catalog.topics()) {
      if (breath.isDue) await breath.take()
      const isWanted = topic.name.toLowerCase().includes(words) && (query.internal || !topic.isInternal)
      if (isWanted && mayOnTopic(caller, 'DESCRIBE', topic.name))
        page.offer(keyOf(topic, query.sort), topic.name, topic)
    }
    return { items: page.items.map(rowOfTopic), total: page.total, next: page.next(), missing: [] }
  },
)

function keyOf({ name, partitionCount, logConfig }: Topic, sort: (typeof sorts)[number]): SortKey {
  if (sort === 'topic') return name
  return sort === 'partitions' ? partitionCount : logConfig.retentionMs
}

export function rowOfTopic({ name, id, isInternal, partitionCount, replicationFactor, logConfig }: Topic): TopicRow {
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
