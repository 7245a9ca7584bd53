import { ErrorCode, InitProducerId } from '@rivven/protocol'
import type { ProducerIdentity } from '../partition-queue.js'
import type { CoordinatorCalls } from './coordinator-calls.js'
import { type Verdict, verdictOf } from './transaction-errors.js'

/**
 * Takes over the transactional id: an open transaction of an earlier producer is aborted, and that producer fenced. With
 * `known` its own identity gets a new epoch (KIP-360).
 */
export async function initProducerId(
  calls: CoordinatorCalls,
  transactionTimeoutMs: number,
  known: ProducerIdentity | null,
): Promise<ProducerIdentity> {
  const { transactionalId } = calls
  const ours = known ? { producerId: known.producerId, producerEpoch: known.epoch } : {}
  const { producerId, producerEpoch: epoch } = await calls.call({
    api: InitProducerId,
    what: 'Taking over the transactional id',
    request: { transactionalId, transactionTimeoutMs, ...ours },
    maxVersion: 5,
    codesOf: ({ errorCode }) => [errorCode],
    verdict,
  })
  return { producerId, epoch, isTransactional: true }
}

/** What is wrong with the request or its rights may be put right: beginning again is possible. */
function verdict(code: number): Verdict {
  switch (code) {
    case ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case ErrorCode.CLUSTER_AUTHORIZATION_FAILED:
      return 'abortable'
    default:
      return verdictOf(code)
  }
}
