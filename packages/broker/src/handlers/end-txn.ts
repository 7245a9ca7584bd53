import { EndTxn } from '@rivven/protocol'
import { handler } from './handler.js'

/** The answer comes when the outcome is decided for good; markers follow. */
export const handleEndTxn = handler(EndTxn, (request, { transactions }, context) =>
  transactions.endTransaction(request, context),
)
