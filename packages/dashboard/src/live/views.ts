import type { ApiAnswers } from '@rivven/broker'

/** What of a view has changed, as `/api/events` tells it. */
export interface Change {
  readonly rows: Readonly<Record<string, unknown>>
  readonly gone: readonly string[]
  readonly order?: readonly string[]
}

/** An answer of the API that can be watched: how it falls into rows that change for themselves (docs/api.md, Events). */
export interface View<Answer> {
  /** As `/api/events?view=` has it. */
  readonly name: string
  rowsOf(answer: Answer): Iterable<readonly [key: string, row: unknown]>
  withRows(before: Answer, rows: Rows): Answer
}

export type Rows = ReadonlyMap<string, unknown>

/** The answer as it is after a change. */
export function changed<Answer>(view: View<Answer>, before: Answer, change: Change): Answer {
  const rows = new Map(view.rowsOf(before))
  for (const key of change.gone) rows.delete(key)
  for (const [key, row] of Object.entries(change.rows)) rows.set(key, row)
  return view.withRows(before, change.order ? inOrder(rows, change.order) : rows)
}

function inOrder(rows: Rows, keys: readonly string[]): Rows {
  return new Map(keys.flatMap((key) => (rows.has(key) ? [[key, rows.get(key)] as const] : [])))
}

/** A page of a list, whose rows have the key of their name. */
function listView<Row>(name: string, keyOf: (row: Row) => string): View<ListOf<Row>> {
  return {
    name,
    rowsOf: ({ items }) => items.map((row) => [keyOf(row), row]),
    withRows: (before, rows) => ({ ...before, items: [...rows.values()] as Row[] }),
  }
}

interface ListOf<Row> {
  readonly items: readonly Row[]
  readonly total: number
  readonly next: string | null
}

/** The rows whose key has this in front. */
function under<Row>(rows: Rows, prefix: string): Row[] {
  return [...rows].flatMap(([key, row]) => (key.startsWith(prefix) ? [row as Row] : []))
}

export const groupsView: View<ListOf<ApiAnswers.GroupRow>> = listView('groups', ({ groupId }) => groupId)
export const topicsView: View<ListOf<ApiAnswers.TopicRow>> = listView('topics', ({ topic }) => topic)
export const transactionsView: View<ListOf<ApiAnswers.TransactionRow>> = listView(
  'transactions',
  ({ transactionalId }) => transactionalId,
)

export const groupView: View<ApiAnswers.GroupPage> = {
  name: 'group',
  *rowsOf({ members, offsets, ...group }) {
    yield ['group', group]
    for (const member of members) yield [`member ${member.memberId}`, member]
    for (const offset of offsets) yield [`offset ${offset.topic}/${offset.partition}`, offset]
  },
  withRows: (before, rows) => ({
    ...before,
    ...(rows.get('group') as object),
    members: under(rows, 'member '),
    offsets: under(rows, 'offset '),
  }),
}

export const topicView: View<ApiAnswers.TopicPage> = {
  name: 'topic',
  *rowsOf({ partitions, ...topic }) {
    yield ['topic', topic]
    for (const partition of partitions) yield [`partition ${partition.partition}`, partition]
  },
  withRows: (before, rows) => ({
    ...before,
    ...(rows.get('topic') as object),
    partitions: under(rows, 'partition '),
  }),
}

export const clusterView: View<ApiAnswers.ClusterPage> = {
  name: 'cluster',
  *rowsOf({ clusterId, self, brokers, moves }) {
    yield ['cluster', { clusterId, self }]
    for (const broker of brokers) yield [`broker ${broker.id}`, broker]
    for (const move of moves) yield [`move ${move.topic}/${move.partition}`, move]
  },
  withRows: (before, rows) => ({
    ...before,
    ...(rows.get('cluster') as object),
    brokers: under(rows, 'broker '),
    moves: under(rows, 'move '),
  }),
}
