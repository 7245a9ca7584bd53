import { context, SpanKind, trace } from '@opentelemetry/api'
import type { SendTrace } from '@rivven/client'
import {
  commonAttributes,
  commonPlace,
  partitionAttributes,
  recordAttributes,
  serverAttributes,
  spanName,
} from './attributes.js'
import { now, secondsSince } from './clock.js'
import { carryContext } from './headers.js'
import { listen } from './listen.js'
import { countByTopic, endSpan, type Open, type Parts } from './parts.js'

/** A span for each `send` and each `sendMany`; all its records carry that. */
export function traceSends({ tracer, instruments, recordKeys }: Parts): () => void {
  const open = new WeakMap<SendTrace, Open>()
  return listen<SendTrace>('rivven:producer:send', {
    start(message) {
      const { records, clientId, isMany } = message
      const { topic, partition } = commonPlace(records)
      const attributes = {
        ...commonAttributes('send', topic, null),
        ...partitionAttributes(partition),
        'messaging.client.id': clientId,
        ...(isMany ? { 'messaging.batch.message_count': records.length } : recordAttributes(records[0]!, recordKeys)),
      }
      const span = tracer.startSpan(spanName('send', topic), { kind: SpanKind.PRODUCER, attributes })
      carryContext(trace.setSpan(context.active(), span), records)
      open.set(message, { span, startedAt: now() })
    },
    end(message) {
      const { records, result, error, server } = message
      const begun = open.get(message)
      if (!begun) return
      const ranges = result === undefined ? [] : [result].flat()
      const [only] = ranges
      begun.span.setAttributes(serverAttributes(server))
      if (only && ranges.length === 1) {
        begun.span.setAttributes(partitionAttributes(only.partition))
        if (only.offset >= 0) begun.span.setAttribute('messaging.kafka.offset', only.offset)
      }
      endSpan(begun.span, error)
      const { topic } = commonPlace(records)
      instruments.took({ operation: 'send', topic, groupId: null, error }, secondsSince(begun.startedAt))
      for (const [one, count] of countByTopic(records))
        instruments.sent({ operation: 'send', topic: one, groupId: null, error }, count)
    },
  })
}
