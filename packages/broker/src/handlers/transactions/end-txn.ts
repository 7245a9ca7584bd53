import { EndTxn, ErrorCode } from '@rivven/protocol'
import { handler } from '../handler.js'
import { denial } from '../rights/denial.js'

/** The answer comes when the outcome is decided for good; markers follow. */
export const handleEndTxn = handler(EndTxn, (request, { transactions }, context) => {
  const denied = denial(context, 'WRITE', 'TRANSACTIONAL_ID', request.transactionalId)
  return denied === ErrorCode.NONE ? transactions.endTransaction(request, context) : { errorCode: denied }
})
