import { SpanKind } from '@opentelemetry/api'
import type { PollTrace } from '@rivven/client'
import { commonAttributes, commonPlace, partitionAttributes, spanName } from './attributes.js'
import { now, secondsSince } from './clock.js'
import { linksOf } from './headers.js'
import { listen } from './listen.js'
import { countByTopic, endSpan, type Parts } from './parts.js'

/** A span for each poll that brought records or failed, with links to those who sent them; most bring nothing, and are no news. */
export function tracePolls({ tracer, instruments }: Parts): () => void {
  const begun = new WeakMap<PollTrace, number>()
  return listen<PollTrace>('rivven:consumer:poll', {
    start: (message) => void begun.set(message, now()),
    end(message) {
      const { clientId, groupId, error, result = [] } = message
      const startTime = begun.get(message)
      if (startTime === undefined || (result.length === 0 && error === undefined)) return
      const { topic, partition } = commonPlace(result)
      const attributes = {
        ...commonAttributes('poll', topic, groupId),
        ...partitionAttributes(partition),
        'messaging.client.id': clientId,
        'messaging.batch.message_count': result.length,
      }
      const how = { kind: SpanKind.CLIENT, startTime, attributes, links: linksOf(result) }
      endSpan(tracer.startSpan(spanName('poll', topic), how), error)
      instruments.took({ operation: 'poll', topic, groupId, error }, secondsSince(startTime))
      for (const [one, count] of countByTopic(result))
        instruments.consumed({ operation: 'poll', topic: one, groupId }, count)
    },
  })
}
