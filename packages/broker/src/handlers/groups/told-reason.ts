import type { MaybePromise } from '../../coordinator/shards/shard-hosts.js'
import type { BrokerServices, RequestContext } from '../handler.js'

/**
 * Why a member is refused is said to clients of ours alone (Heartbeat, OffsetCommit): not all others pass over a field that Kafka does
 * not have.
 */
export function withReasonFor<Answer extends { readonly reason: string | null }>(
  { clientSoftware }: Pick<BrokerServices, 'clientSoftware'>,
  { connection }: Pick<RequestContext, 'connection'>,
  answer: MaybePromise<Answer>,
): MaybePromise<Answer> {
  if (answer instanceof Promise) return answer.then((later) => withReasonFor({ clientSoftware }, { connection }, later))
  return answer.reason === null || clientSoftware.isOurs(connection) ? answer : { ...answer, reason: null }
}
