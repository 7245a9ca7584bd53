import { ErrorCode, type InitProducerIdResponse } from '@rivven/protocol'
import { text } from '../../config/setting.js'
import { placeOfTransaction } from '../places.js'
import { problemOf } from '../problem.js'
import { route, type Visitor } from '../route.js'
import { number, shape, text as textField } from '../shape.js'

/** While the transaction before is being aborted it is asked again, so often and so many times. */
const askAgainMs = 20
const mostAsks = 250

export const abortTransaction = route(
  {
    name: 'POST /api/transactions/:transactionalId/abort',
    about:
      'Shuts out the producer of a transactional id, as a new instance of it would: its open transaction is aborted.',
    rights: { needs: 'WRITE TRANSACTIONAL_ID' },
    body: { reason: text('', 'Why, for the log.') },
    answer: shape('AbortedTransaction', {
      transactionalId: textField('Whose transaction it was.'),
      producerId: number('Its producer from now on.'),
      producerEpoch: number('All older ones are refused.'),
    }),
    at: ({ services, path }) => placeOfTransaction(services, path.transactionalId ?? ''),
    change: { operation: 'ALTER', type: 'TRANSACTIONAL_ID', of: 'transactionalId', detail: () => 'aborted' },
  },
  async (visitor) => {
    const { transactionalId = '' } = visitor.path
    const found = await visitor.services.transactions.describe(transactionalId)
    const refused = (errorCode: number) =>
      problemOf(errorCode, `The transaction of ${transactionalId} was not aborted.`)
    if (found.errorCode !== ErrorCode.NONE) return refused(found.errorCode)
    const { errorCode, producerId, producerEpoch } = await fence(visitor, transactionalId)
    return errorCode === ErrorCode.NONE ? { transactionalId, producerId, producerEpoch } : refused(errorCode)
  },
)

async function fence({ services, caller }: Visitor, transactionalId: string): Promise<InitProducerIdResponse> {
  const { transactions, runtime, config } = services
  const asker = { apiVersion: 4, clientId: caller.clientId, clientHost: `/${caller.access.host}` }
  const transactionTimeoutMs = config.transaction_max_timeout_ms
  const request = { transactionalId, transactionTimeoutMs, producerId: -1, producerEpoch: -1 }
  for (let asks = 1; ; asks++) {
    const answer = await transactions.initProducerId(request, asker)
    if (answer.errorCode !== ErrorCode.CONCURRENT_TRANSACTIONS || asks === mostAsks) return answer
    await new Promise<void>((resolve) => runtime.clock.setTimer(askAgainMs, resolve))
  }
}
