import { RivvenError } from '@rivven/link'
import type { TopicPartition } from '../../topic-partition.js'

/**
 * An offset out of an answer, which may go back to the broker one day. Throws INVALID_RESPONSE where no number is exactly that
 * offset: what goes back would be another.
 */
export function answeredOffset(offset: number, { topic, partition }: TopicPartition): number {
  if (Number.isSafeInteger(offset)) return offset
  const text = `The broker answered with an offset of ${topic}/${partition} beyond 2^53, which no log has.`
  throw new RivvenError('INVALID_RESPONSE', text, { facts: { topic, partition } })
}
