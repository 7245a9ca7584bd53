import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { useLive } from '../../live/use-live.js'
import { transactionsView } from '../../live/views.js'
import { Empty } from '../../loaded/empty.js'
import { Shown } from '../../loaded/shown.js'
import { Command } from '../../parts/copy.js'
import { ListTable } from '../../parts/list-table.js'
import { SearchBox } from '../../parts/search-box.js'
import { withQuery } from '../../route/location.js'
import { count } from '../../text/format.js'
import type { PageProps } from '../pages.js'
import { columns } from './transaction-columns.js'
import { askedOf, chosenState, sortedBy, states } from './transactions-query.js'

type Transactions = Pick<ApiAnswers.ListAnswer<ApiAnswers.TransactionRow>, 'items' | 'total' | 'next'>

/** Transactions that are open, or all transactional ids. */
export function TransactionsPage({ query }: PageProps) {
  const loaded = useLive(transactionsView, askedOf(query))
  const total = loaded.value.value?.total
  const state = chosenState(query)
  return (
    <>
      <div class="page-head">
        <h1>Transactions</h1>
        <span class="counts">{total !== undefined && count(total)}</span>
        <search class="filters">
          <SearchBox label="Search in transactional ids" words={query.search ?? ''} />
          <select
            aria-label="State"
            value={state}
            onChange={({ currentTarget }) => withQuery({ state: currentTarget.value, cursor: '' })}
          >
            <option value="all">State: all</option>
            {states.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </search>
      </div>
      <Shown
        loaded={loaded}
        what="transactions"
        empty={({ items }: Transactions) => (items.length > 0 ? null : <NoTransactions state={state} query={query} />)}
      >
        {(list) => (
          <ListTable
            caption="Transactions"
            list={list}
            columns={columns}
            query={query}
            sorted={sortedBy(query)}
            keyOf={({ transactionalId }) => transactionalId}
            commandOf={({ transactionalId }) => commandText('transaction describe', [transactionalId])}
          />
        )}
      </Shown>
    </>
  )
}

function NoTransactions({ state, query }: { state: string; query: PageProps['query'] }) {
  const isAll = state === 'all' && (query.search ?? '') === ''
  if (isAll)
    return (
      <Empty title="There are no transactional ids">
        <p>
          One is there as soon as a producer with a <code>transactional_id</code> begins. Then this shows it, too:{' '}
          <Command command="rivvenctl transaction list" />
        </p>
      </Empty>
    )
  const isOpen = state === 'Ongoing' && (query.search ?? '') === ''
  return (
    <Empty title={isOpen ? 'No transaction is open' : 'No transaction is like that'}>
      <p>
        <button type="button" onClick={() => withQuery({ state: 'all', search: '', cursor: '' })}>
          Show all transactional ids
        </button>{' '}
        <Command command="rivvenctl transaction list" />
      </p>
    </Empty>
  )
}
