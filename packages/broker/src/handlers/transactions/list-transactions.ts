import { ErrorCode, ListTransactions } from '@rivven/protocol'
import { readFilters } from '@rivven/transactions'
import { filterInTurns } from '../../breath.js'
import { handler } from '../handler.js'

export const handleListTransactions = handler(ListTransactions, async (request, services, context) => {
  const { cluster, transactions, runtime } = services
  const { filters, unknownStateFilters } = readFilters(request)
  if (!filters) return { errorCode: ErrorCode.INVALID_REGULAR_EXPRESSION, unknownStateFilters, transactionStates: [] }
  // As it was, where this broker was replaced meanwhile.
  if (!cluster.isServing) {
    return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, unknownStateFilters, transactionStates: [] }
  }
  const listed = await transactions.list(filters)
  const errorCode = listed ? ErrorCode.NONE : ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
  const isShown = ({ transactionalId }: { transactionalId: string }) =>
    context.access.may('DESCRIBE', 'TRANSACTIONAL_ID', transactionalId)
  const transactionStates = await filterInTurns(listed ?? [], runtime.clock, isShown)
  return { errorCode, unknownStateFilters, transactionStates }
})
