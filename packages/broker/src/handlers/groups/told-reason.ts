import type { BrokerServices, RequestContext } from '../handler.js'

type MaybePromise<T> = T | Promise<T>

/**
 * Why a member is refused is said to clients of ours alone (Heartbeat, OffsetCommit): not all others pass over a field that Kafka does
 * not have.
 */
export function withReasonFor<Answer extends { readonly reason: string | null }>(
  { rebalanceHints }: Pick<BrokerServices, 'rebalanceHints'>,
  { connection }: Pick<RequestContext, 'connection'>,
  answer: MaybePromise<Answer>,
): MaybePromise<Answer> {
  if (answer instanceof Promise) return answer.then((later) => withReasonFor({ rebalanceHints }, { connection }, later))
  return answer.reason === null || rebalanceHints.knows(connection) ? answer : { ...answer, reason: null }
}
