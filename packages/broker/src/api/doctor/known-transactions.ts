import type { KnownTransaction } from '../../doctor/open-transactions.js'
import { Problem } from '../problem.js'
import type { Visitor } from '../route.js'
import type { TransactionRow } from '../transactions/transaction-shapes.js'

const target = '/api/transactions?state=Ongoing,PrepareCommit,PrepareAbort&limit=1000'

/** Open transactions that the caller may describe, whichever broker coordinates them. */
export async function knownTransactions({ api, services, caller }: Visitor): Promise<KnownTransaction[]> {
  const found = api.find('GET', target)
  if (found instanceof Problem) return []
  const { status, body } = await api.reply(found, { services, caller, body: undefined, door: 'http' })
  return status === 200 ? [...(body as { items: readonly TransactionRow[] }).items] : []
}

/** Producers of all that are coordinated here, seen or not: nobody is told that no coordinator knows them. */
export function coordinatedHere({ services }: Visitor): ReadonlySet<number> {
  return new Set(Array.from(services.transactions.all(), ({ producerId }) => producerId))
}
