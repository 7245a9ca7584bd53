import type { Reading } from '../fetch/readers.js'
import type { AnswerSources } from './answer-questions.js'
import type { GroupQuestion, PlaceQuestion, PlaceRead } from './questions.js'

const dayMs = 86_400_000

/** How a place that is led here was read last by one of these clients; of all members only its owner fetches it. */
export function placeRead(
  clients: GroupQuestion['clients'],
  { topic, partition }: Pick<PlaceQuestion, 'topic' | 'partition'>,
  { logs, catalog, readers, clock }: AnswerSources,
): PlaceRead | null {
  const log = logs.opened(topic, partition)
  const topicId = catalog.topic(topic)?.id ?? ''
  let last: Reading | undefined
  for (const client of clients) {
    for (const reading of readers.of(client, { topic, topicId, partition }))
      if (last === undefined || reading.at > last.at) last = reading
  }
  if (last === undefined) return null
  const { at, fetchOffset, isCommitted, bytes, mostBytes } = last
  const aborted = log?.isReadable ? log.abortedSince(clock.now() - dayMs) : 0
  return { agoMs: Math.round(clock.monotonic() - at), fetchOffset, isCommitted, bytes, mostBytes, aborted }
}
