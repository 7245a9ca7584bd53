import { DescribeTransactions, ErrorCode } from '@rivven/protocol'
import { type DescribedTransaction, describeRefusal } from '@rivven/transactions'
import { askInTurns } from '../../breath.js'
import { handler, type RequestContext } from '../handler.js'
import { denial, mayOnTopic } from '../rights/denial.js'

export const handleDescribeTransactions = handler(DescribeTransactions, async (request, services, context) => {
  const { transactions, runtime } = services
  const describe = async (id: string) => {
    const denied = denial(context, 'DESCRIBE', 'TRANSACTIONAL_ID', id)
    if (denied !== ErrorCode.NONE) return describeRefusal(id, denied)
    return withoutHiddenTopics(await transactions.describe(id), context)
  }
  return { transactionStates: await askInTurns(request.transactionalIds, runtime.clock, describe) }
})

function withoutHiddenTopics(state: DescribedTransaction, context: RequestContext): DescribedTransaction {
  return { ...state, topics: state.topics.filter(({ topic }) => mayOnTopic(context, 'DESCRIBE', topic)) }
}
