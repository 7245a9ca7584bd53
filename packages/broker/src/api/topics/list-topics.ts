import { Breath } from '../../breath.js'
import type { Topic } from '../../catalog/catalog.js'
import { boolean, oneOf, text } from '../../config/setting.js'
import { mayOnTopic } from '../../handlers/rights/denial.js'
import { PageOf, pageQuery, type SortKey } from '../lists/page-of.js'
import { Problem } from '../problem.js'
import { route } from '../route.js'
import { readersOf, rowOfTopic, sumOf } from './topic-facts.js'
import { type TopicList, type TopicRow, topicList } from './topic-shapes.js'

const sorts = ['topic', 'partitions', 'retention'] as const

export const listTopics = route(
  {
    name: 'GET /api/topics',
    about: 'Topics, a page of them: those that one may describe.',
    rights: { asks: ['DESCRIBE TOPIC', 'DESCRIBE CLUSTER', 'DESCRIBE GROUP'], anonymous: 'all' },
    query: {
      search: text('', 'Only topics with this in their name; upper and lower case are the same.'),
      internal: boolean(false, 'The broker’s own, too?'),
      sort: oneOf(sorts, 'topic', 'topic (the name), partitions or retention.'),
      ...pageQuery,
    },
    answer: topicList,
    merge: merged,
    live: { view: 'topics', everyMs: 2000, rows: ({ items }) => items.map((row) => [row.topic, row]), isOrdered: true },
  },
  async (visitor) => {
    const { caller, query } = visitor
    const { catalog, runtime } = visitor.services
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
    const readers = await readersOf(visitor, new Set(page.items.map(({ name }) => name)), breath)
    const items: TopicRow[] = []
    for (const topic of page.items) {
      if (breath.isDue) await breath.take()
      items.push({ ...rowOfTopic(topic, visitor.services), groupCount: readers.get(topic.name) ?? 0 })
    }
    return { items, total: page.total, next: page.next(), missing: [] }
  },
)

function keyOf({ name, partitionCount, logConfig }: Topic, sort: (typeof sorts)[number]): SortKey {
  if (sort === 'topic') return name
  return sort === 'partitions' ? partitionCount : logConfig.retentionMs
}

/** Each topic is told by all brokers, which know parts of it. A page begins and ends with the same topics on each of them. */
function merged(parts: readonly TopicList[], _: unknown, missing: readonly number[]): TopicList {
  const [own, ...others] = parts as [TopicList, ...TopicList[]]
  const rows = new Map<string, TopicRow[]>()
  for (const { items } of others) for (const row of items) rows.set(row.topic, [...(rows.get(row.topic) ?? []), row])
  return { ...own, items: own.items.map((row) => together([row, ...(rows.get(row.topic) ?? [])])), missing }
}

function together(rows: [TopicRow, ...TopicRow[]]): TopicRow {
  return {
    ...rows[0],
    size: sumOf(rows.map(({ size }) => size)),
    producedPerSecond: sumOf(rows.map(({ producedPerSecond }) => producedPerSecond)),
    groupCount: rows.reduce((sum, { groupCount }) => sum + groupCount, 0),
  }
}
