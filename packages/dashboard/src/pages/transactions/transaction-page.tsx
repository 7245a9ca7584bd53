import type { ApiAnswers } from '@rivven/broker'
import { commandText } from '@rivven/doctor'
import { Empty } from '../../loaded/empty.js'
import { Shown } from '../../loaded/shown.js'
import { useCall } from '../../loaded/use-call.js'
import { Figure, Figures } from '../../parts/figure.js'
import { Name } from '../../parts/name.js'
import { searchOf } from '../../route/route.js'
import { count, millis, utc } from '../../text/format.js'
import type { PageProps } from '../pages.js'
import { AbortTransaction } from './abort-transaction.js'
import { HeldBack } from './held-back.js'
import { OpenFor } from './transaction-columns.js'

type Transaction = ApiAnswers.TransactionRow

/** One transactional id: its open transaction, who waits for it, and a way to end it. */
export function TransactionPage({ names }: PageProps) {
  const { id = '' } = names
  return <OneTransaction key={id} id={id} />
}

function OneTransaction({ id }: { id: string }) {
  const path = `api/transactions${searchOf({ search: id, limit: 1000 })}`
  const { loaded, again } = useCall<ApiAnswers.ListAnswer<Transaction>>(path, 2000)
  return (
    <>
      <div class="page-head">
        <h1>
          <Name name={id} />
        </h1>
      </div>
      <Shown loaded={loaded} what="the transaction">
        {({ items }) => {
          const found = items.find(({ transactionalId }) => transactionalId === id)
          return found ? <Found transaction={found} aborted={again} /> : <NotFound />
        }}
      </Shown>
    </>
  )
}

function Found({ transaction, aborted }: { transaction: Transaction; aborted: () => void }) {
  const { transactionalId: id, state, startedAt, timeoutMs, producerId, producerEpoch, partitions } = transaction
  const describe = commandText('transaction describe', [id])
  return (
    <>
      <Figures>
        <Figure label="State" value={state} command={describe} />
        <Figure
          label="Open for"
          value={<OpenFor row={transaction} />}
          command={describe}
          note={startedAt === null ? 'none is open' : `since ${utc(startedAt)}`}
        />
        <Figure label="Timeout" value={millis(timeoutMs)} command={describe} />
        <Figure label="Producer" value={String(producerId)} command={describe} note={`epoch ${count(producerEpoch)}`} />
      </Figures>
      {partitions.map(({ topic, partitions: written }) => (
        <HeldBack key={topic} topic={topic} written={written} />
      ))}
      {state === 'Ongoing' && <AbortTransaction id={id} aborted={aborted} />}
    </>
  )
}

function NotFound() {
  return (
    <Empty title="There is no such transactional id" command="rivvenctl transaction list">
      <p>It is not known any more, or nobody has begun a transaction with it yet. These are there:</p>
    </Empty>
  )
}
