import type { Group } from '@rivven/groups'
import { Breath } from '../../breath.js'
import { oneOf } from '../../config/setting.js'
import { learnEnds } from '../../lag/committed-elsewhere.js'
import { standingsOf } from '../../lag/standings.js'
import { eachSeenGroup, isOnTopic } from '../groups/seen-groups.js'
import { type ListOrder, mergedPages } from '../lists/list-answer.js'
import { PageOf, pageQuery } from '../lists/page-of.js'
import { Problem } from '../problem.js'
import { route, type Visitor } from '../route.js'
import { unknownTopic } from './one-topic.js'
import { readerList, type TopicReader } from './topic-shapes.js'

const order: ListOrder<TopicReader> = {
  nameOf: ({ groupId }) => groupId,
  keyOf: ({ groupId, lag }, sort) => (sort === 'lag' ? lag : groupId),
}

export const topicGroups = route(
  {
    name: 'GET /api/topics/:topic/groups',
    about: 'Groups that subscribe to a topic or have committed in it, a page of them: those that one may describe.',
    rights: { needs: 'DESCRIBE TOPIC', asks: ['DESCRIBE CLUSTER', 'DESCRIBE GROUP'], anonymous: 'all' },
    query: { sort: oneOf(['group', 'lag'], 'group', 'group (the name) or lag.'), ...pageQuery },
    answer: readerList,
    merge: (parts, { query }, missing) => mergedPages(parts, query, { order, missing }),
  },
  async (visitor) => {
    const { services, path, query } = visitor
    const { topic = '' } = path
    if (!services.catalog.topic(topic)) return unknownTopic(topic)
    const page = PageOf.begin<TopicReader>(query)
    if (page instanceof Problem) return page
    await learnEnds(services)
    await eachSeenGroup(visitor, new Breath(services.runtime.clock), (group) => {
      if (!isOnTopic(group, topic)) return
      const reader = readerOf(group, topic, visitor)
      page.offer(order.keyOf(reader, query.sort), reader.groupId, reader)
    })
    return { items: page.items, total: page.total, next: page.next(), missing: [] }
  },
)

function readerOf(group: Group, topic: string, { services }: Visitor): TopicReader {
  let lag = 0
  for (const partition of standingsOf(group, services, (name) => name === topic)) lag += Math.max(0, partition.lag)
  const { groupId, state, members } = group
  return { groupId, state, memberCount: members.size, lag }
}
