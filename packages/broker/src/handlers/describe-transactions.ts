import { DescribeTransactions } from '@rivven/protocol'
import { handler } from './handler.js'

export const handleDescribeTransactions = handler(DescribeTransactions, async (request, { transactions }) => ({
  transactionStates: await Promise.all(request.transactionalIds.map((id) => transactions.describe(id))),
}))
