import { DescribeTransactions } from '@rivven/protocol'
import { mapInTurns } from '../breath.js'
import { handler } from './handler.js'

export const handleDescribeTransactions = handler(DescribeTransactions, async (request, { transactions, runtime }) => {
  const described = await mapInTurns(request.transactionalIds, runtime.clock, (id) => transactions.describe(id))
  return { transactionStates: await Promise.all(described) }
})
