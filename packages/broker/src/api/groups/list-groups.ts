import { type Group, groupStates, statuses } from '@rivven/groups'
import { Breath } from '../../breath.js'
import { oneOf, text } from '../../config/setting.js'
import { learnEnds } from '../../lag/committed-elsewhere.js'
import { type ListOrder, mergedPages } from '../lists/list-answer.js'
import { PageOf, pageQuery, type SortKey } from '../lists/page-of.js'
import { type Given, wordsOf } from '../parameters.js'
import { Problem } from '../problem.js'
import { route, type Visitor } from '../route.js'
import { type GroupList, type GroupRow, groupList } from './group-shapes.js'
import { eachSeenGroup, isOnTopic } from './seen-groups.js'
import { lagOfGroup, rowOfGroup, sampledOf, type Telling } from './told-group.js'

const sortKeys = ['group', 'state', 'members', 'lag', 'lagSeconds', 'status'] as const

const query = {
  search: text('', 'Only groups with this in their name; upper and lower case are the same.'),
  state: wordsOf(groupStates, 'Only groups in one of these states.'),
  status: wordsOf(statuses, 'Only groups that do so: OK, WARN, STALL, STOP or REWIND, by the last sample.'),
  topic: text('', 'Only groups that subscribe to this topic, or have committed in it.'),
  sort: oneOf(
    sortKeys,
    'group',
    'group (the name), state, members, lag, lagSeconds or status; the last three by the last look.',
  ),
  ...pageQuery,
}
type Query = Given<typeof query>

export const listGroups = route(
  {
    name: 'GET /api/groups',
    about: 'Groups, a page of them. All with DESCRIBE on the cluster, else those that one may describe.',
    rights: { asks: ['DESCRIBE CLUSTER', 'DESCRIBE GROUP', 'DESCRIBE TOPIC'], anonymous: 'all' },
    query,
    answer: groupList,
    merge: (parts, { query }, missing) => withAlias(mergedPages(parts, query, { order, missing })),
    live: {
      view: 'groups',
      everyMs: 2000,
      rows: ({ items }) => items.map((row) => [row.groupId, row]),
      isOrdered: true,
    },
  },
  answer,
)

async function answer(visitor: Visitor<Query>): Promise<GroupList | Problem> {
  const { services, query } = visitor
  const page = PageOf.begin<Group>(query)
  if (page instanceof Problem) return page
  await learnEnds(services)
  const breath = new Breath(services.runtime.clock)
  const isWanted = filterOf(visitor)
  await eachSeenGroup(visitor, breath, (group) => {
    if (isWanted(group)) page.offer(keyOf(group, query.sort, visitor), group.groupId, group)
  })
  const items: GroupRow[] = []
  for (const group of page.items) {
    items.push(rowOfGroup(group, visitor))
    if (breath.isDue) await breath.take()
  }
  return withAlias({ items, total: page.total, next: page.next(), missing: [] })
}

function filterOf(visitor: Visitor<Query>): (group: Group) => boolean {
  const { search, state, status, topic } = visitor.query
  const words = search.toLowerCase()
  return (group) =>
    group.groupId.toLowerCase().includes(words) &&
    (state.length === 0 || state.includes(group.state)) &&
    (status.length === 0 || status.some((one) => one === sampledOf(group, visitor).status)) &&
    (topic === '' || isOnTopic(group, topic))
}

/** What a group has to be asked for is looked up only where no sample tells it. */
function keyOf(group: Group, sort: Query['sort'], telling: Telling): SortKey {
  switch (sort) {
    case 'group':
      return group.groupId
    case 'state':
      return group.state
    case 'members':
      return group.members.size
    case 'lag':
      return sampledOf(group, telling).sampledLag ?? lagOfGroup(group, telling)
    default:
      return keyOfSample(sampledOf(group, telling), sort)
  }
}

/** What is not known comes before all that is. */
function keyOfSample({ lagSeconds, status }: Pick<GroupRow, 'lagSeconds' | 'status'>, sort: string): number {
  if (sort === 'lagSeconds') return lagSeconds ?? -1
  return status === null ? -1 : statuses.indexOf(status)
}

const order: ListOrder<GroupRow> = {
  nameOf: ({ groupId }) => groupId,
  keyOf: (row, sort) => {
    if (sort === 'lag') return row.sampledLag ?? row.lag
    if (sort === 'members') return row.memberCount
    if (sort === 'lagSeconds' || sort === 'status') return keyOfSample(row, sort)
    return sort === 'state' ? row.state : row.groupId
  },
}

function withAlias(list: Omit<GroupList, 'groups'>): GroupList {
  return { ...list, groups: list.items }
}
