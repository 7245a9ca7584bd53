import { ErrorCode } from '@rivven/protocol'
import type { RequestContext } from '../handler.js'

export const beyondMutationQuota = {
  errorCode: ErrorCode.THROTTLING_QUOTA_EXCEEDED,
  errorMessage: 'The quota for making and removing partitions (controller_mutation_rate) is used up: ask again later.',
}

/** The first version of an API whose clients know the error; before, all is done and the connection waits (KIP-599). */
export interface MutationRule<Topic> {
  readonly firstWithError: number
  partitionsOf(topic: Topic): number
}

/** Which of the topics the caller's quota allows to be made, removed or grown now. */
export function withinMutationQuota<Topic>(
  topics: readonly Topic[],
  { throttle, apiVersion }: RequestContext,
  { firstWithError, partitionsOf }: MutationRule<Topic>,
): { within: readonly Topic[]; beyond: readonly Topic[] } {
  if (!throttle) return { within: topics, beyond: [] }
  const isRefusable = apiVersion >= firstWithError
  const within: Topic[] = []
  const beyond: Topic[] = []
  for (const topic of topics) (throttle.mayMutate(partitionsOf(topic), { isRefusable }) ? within : beyond).push(topic)
  return { within, beyond }
}
