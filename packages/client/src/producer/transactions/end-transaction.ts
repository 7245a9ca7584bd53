import { EndTxn, ErrorCode } from '@rivven/protocol'
import type { ProducerIdentity } from '../partition-queue.js'
import type { CoordinatorCalls } from './coordinator-calls.js'
import type { OpenTransaction } from './open-transaction.js'
import { type Verdict, verdictOf } from './transaction-errors.js'

/**
 * Asks the coordinator to commit or abort, until that is decided. Returns the identity of the next transaction where the
 * coordinator gives one (KIP-890), else null: the present one stays.
 */
export async function endTransaction(
  calls: CoordinatorCalls,
  transaction: OpenTransaction,
  committed: boolean,
): Promise<ProducerIdentity | null> {
  const { identity, level, isUnsure } = transaction
  let isGone = false
  /** An abort of what the coordinator never heard of is one all the same: an announcement may have got lost. */
  const verdict = (code: number): Verdict => {
    if (code === ErrorCode.INVALID_TXN_STATE) {
      isGone = !committed && level === 1 && isUnsure
      return isGone || (committed && level === 2) ? 'abortable' : 'fatal'
    }
    if (code === ErrorCode.TRANSACTION_ABORTABLE && !committed) return 'fatal'
    return verdictOf(code)
  }
  const { producerId, epoch: producerEpoch } = identity
  const { transactionalId } = calls
  try {
    const answer = await calls.call({
      api: EndTxn,
      what: committed ? 'Committing the transaction' : 'Aborting the transaction',
      request: { transactionalId, producerId, producerEpoch, committed },
      maxVersion: level === 2 ? 5 : 4,
      codesOf: ({ errorCode }) => [errorCode],
      verdict,
    })
    if (answer.producerId < 0) return null
    return { producerId: answer.producerId, epoch: answer.producerEpoch, isTransactional: true }
  } catch (error) {
    if (isGone) return null
    throw error
  }
}
