import { ErrorCode } from '@rivven/protocol'
import type { DescribedTransaction, ListedTransaction } from '@rivven/transactions'
import { readFilters } from '@rivven/transactions'
import { askInTurns } from '../../breath.js'
import { long, oneOf, text } from '../../config/setting.js'
import { type Caller, mayOnTopic } from '../../handlers/rights/denial.js'
import { type ListOrder, mergedPages } from '../lists/list-answer.js'
import { PageOf, pageQuery } from '../lists/page-of.js'
import { texts } from '../parameters.js'
import { Problem } from '../problem.js'
import { route } from '../route.js'
import { type TransactionRow, transactionList } from './transaction-shapes.js'

const order: ListOrder<TransactionRow> = {
  nameOf: ({ transactionalId }) => transactionalId,
  keyOf: (row, sort) => (sort === 'state' ? row.state : sort === 'producer' ? row.producerId : row.transactionalId),
}

export const listTransactions = route(
  {
    name: 'GET /api/transactions',
    about: 'Transactional ids, a page of them: those that one may describe.',
    rights: { asks: ['DESCRIBE TRANSACTIONAL_ID', 'DESCRIBE TOPIC'], anonymous: 'all' },
    query: {
      search: text('', 'Only ids with this in them; upper and lower case are the same.'),
      state: texts('Only those in one of these states.'),
      longerThanMs: long(-1, 'Only those with a transaction that began so long ago.', { min: -1 }),
      sort: oneOf(['id', 'state', 'producer'], 'id', 'id, state or producer.'),
      ...pageQuery,
    },
    answer: transactionList,
    merge: (parts, { query }, missing) => mergedPages(parts, query, { order, missing }),
    live: {
      ...{ view: 'transactions', everyMs: 2000, isOrdered: true },
      rows: ({ items }) => items.map((row) => [row.transactionalId, row]),
    },
  },
  async ({ services: { transactions, runtime }, caller, query }) => {
    const page = PageOf.begin<ListedTransaction>(query)
    if (page instanceof Problem) return page
    const { filters, unknownStateFilters } = readFilters({
      ...{ stateFilters: [...query.state], producerIdFilters: [], transactionalIdPattern: null },
      durationFilter: query.longerThanMs,
    })
    const [unknown] = unknownStateFilters
    if (unknown !== undefined)
      return new Problem('INVALID_PARAMETER', `No transaction is ever ${unknown}.`, { parameter: 'state' })
    const listed = filters ? await transactions.list(filters) : []
    if (!listed) return new Problem('LOADING', 'Transactions are being loaded.')
    const words = query.search.toLowerCase()
    for (const one of listed) {
      const { transactionalId: id, transactionState, producerId } = one
      if (!id.toLowerCase().includes(words) || !caller.access.may('DESCRIBE', 'TRANSACTIONAL_ID', id)) continue
      const key = query.sort === 'state' ? transactionState : query.sort === 'producer' ? producerId : id
      page.offer(key, id, one)
    }
    const described = await askInTurns(page.items, runtime.clock, (one) => transactions.describe(one.transactionalId))
    const items = described.flatMap((one) => (one.errorCode === ErrorCode.NONE ? [rowOf(one, caller)] : []))
    return { items, total: page.total, next: page.next(), missing: [] }
  },
)

function rowOf(described: DescribedTransaction, caller: Caller): TransactionRow {
  const { transactionalId, transactionState, producerId, producerEpoch } = described
  const startedAt = described.transactionStartTimeMs
  return {
    ...{ transactionalId, state: transactionState, producerId, producerEpoch },
    startedAt: startedAt < 0 ? null : startedAt,
    timeoutMs: described.transactionTimeoutMs,
    partitions: described.topics.filter(({ topic }) => mayOnTopic(caller, 'DESCRIBE', topic)),
  }
}
