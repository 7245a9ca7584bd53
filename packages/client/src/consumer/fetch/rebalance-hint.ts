import { ErrorCode, type FetchResponse } from '@rivven/protocol'

/** A wait of which more than this is over may have ended by itself. */
const clearlyEarly = 0.75

export interface WaitedFetch {
  readonly maxWaitMs: number
  readonly minBytes: number
  /** From the request to the answer. */
  readonly tookMs: number
}

/**
 * Whether an answer to a fetch came before its time without what was asked for. So Rivven's broker hints that the group
 * rebalances, long before the next heartbeat would tell; with other brokers it means nothing, and happens rarely.
 */
export function isRebalanceHint(answer: FetchResponse, { maxWaitMs, minBytes, tookMs }: WaitedFetch): boolean {
  if (maxWaitMs <= 0 || tookMs > maxWaitMs * clearlyEarly || answer.errorCode !== ErrorCode.NONE) return false
  let bytes = 0
  for (const { partitions } of answer.responses) {
    for (const { errorCode, records } of partitions) {
      if (errorCode !== ErrorCode.NONE) return false
      bytes += sizeOf(records)
    }
  }
  return bytes < minBytes
}

function sizeOf(records: FetchResponse['responses'][number]['partitions'][number]['records']): number {
  if (records === null) return 0
  return Buffer.isBuffer(records) ? records.length : records.reduce((sum, { length }) => sum + length, 0)
}
