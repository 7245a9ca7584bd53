import { type Admin, type GroupListing, type RebalanceStory, RivvenError } from '@rivven/client'
import { nameToPath } from '@rivven/protocol'
import { lagOfGroup } from '../lag/group-offsets.js'
import { lagByAnyBroker, lagByRivven } from '../lag/lag-rows.js'
import { saidByRivven } from '../said-by-rivven.js'
import type { GroupLine, GroupView, Sort, WatchState } from './watch-state.js'

/** How a cluster is looked at: by what Rivven knows of all groups, or by asking for each. */
export interface Look {
  /** Milliseconds. */
  readonly everyMs: number
  list(sort: Sort): Promise<Pick<WatchState, 'lines' | 'total'>>
  group(groupId: string): Promise<GroupView | null>
}

export async function lookOf(admin: Admin): Promise<Look> {
  const isRivven = (await saidByRivven(admin.call('GET', '/api/meta'))) !== undefined
  return isRivven ? lookAtRivven(admin) : lookAtKafka(admin)
}

/** So many groups are in the list; to see others one looks at another order. */
const mostLines = 200

function lookAtRivven(admin: Admin): Look {
  return {
    everyMs: 1_000,
    async list(sort) {
      const order = sort === 'group' ? 'asc' : 'desc'
      const answer = await admin.call('GET', `/api/groups?sort=${sort}&order=${order}&limit=${mostLines}`)
      const { items, total } = answer as { items: readonly GroupLine[]; total: number }
      return { lines: items, total }
    },
    async group(groupId) {
      const [view, timeline] = await Promise.all([
        viewOf(admin, groupId),
        saidByRivven<{ rebalances: readonly RebalanceStory[] }>(
          admin.call('GET', `/api/groups/${nameToPath(groupId)}/timeline?limit=1`),
        ),
      ])
      return view && { ...view, rebalance: timeline?.rebalances.at(-1) ?? null }
    },
  }
}

function lookAtKafka(admin: Admin): Look {
  return {
    everyMs: 2_000,
    async list(sort) {
      const groups = await admin.listGroups()
      const lines = await inTurns(groups, (group) => lineOf(admin, group))
      return { lines: lines.sort(orderOf(sort)).slice(0, mostLines), total: groups.length }
    },
    group: (groupId) => viewOf(admin, groupId),
  }
}

async function viewOf(admin: Admin, groupId: string): Promise<GroupView | null> {
  const [group] = await admin.describeGroups([groupId])
  if (!group || group.state === 'Dead') return null
  const rows = (await lagByRivven(admin, group)) ?? (await lagByAnyBroker(admin, group, { withOwned: true }))
  return { group, rows, rebalance: null }
}

const nothingKnown = { memberCount: null, lagSeconds: null, status: null, catchUpSeconds: null, eta: null }

async function lineOf(admin: Admin, { groupId, state }: GroupListing): Promise<GroupLine> {
  return { groupId, state: state ?? null, ...nothingKnown, lag: await lagIn(admin, groupId) }
}

/** One that is gone by now, or of a kind that commits nothing, or that one may not see, keeps nobody from seeing the others. */
async function lagIn(admin: Admin, groupId: string): Promise<number | null> {
  try {
    const lags = (await lagOfGroup(admin, groupId)).flatMap(({ lag }) => lag ?? [])
    return lags.length === 0 ? null : lags.reduce((sum, one) => sum + Math.max(0, one), 0)
  } catch (error) {
    if (error instanceof RivvenError && !error.retriable) return null
    throw error
  }
}

/** By the name alone where nothing else is known. */
function orderOf(sort: Sort): (one: GroupLine, other: GroupLine) => number {
  const byName = (one: GroupLine, other: GroupLine) => (one.groupId < other.groupId ? -1 : 1)
  return sort === 'lag' ? (one, other) => (other.lag ?? -1) - (one.lag ?? -1) || byName(one, other) : byName
}

const mostAtOnce = 10

/** Some at a time. */
async function inTurns<Item, Result>(items: readonly Item[], use: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let at = 0; at < items.length; at += mostAtOnce)
    results.push(...(await Promise.all(items.slice(at, at + mostAtOnce).map(use))))
  return results
}
