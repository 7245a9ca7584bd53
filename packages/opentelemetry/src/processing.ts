import { type Attributes, context, SpanKind, trace } from '@opentelemetry/api'
import type { ProcessTrace } from '@rivven/client'
import { commonAttributes, commonPlace, partitionAttributes, recordAttributes, spanName } from './attributes.js'
import { now, secondsSince } from './clock.js'
import { linksOf } from './headers.js'
import { listen } from './listen.js'
import { endSpan, type Open, type Parts } from './parts.js'
import { setProcessContext } from './process-contexts.js'

/** A span for what the application does with a record, or with those of one poll, linked to those who sent them. */
export function traceProcessing({ tracer, instruments, recordKeys }: Parts): () => void {
  const open = new WeakMap<ProcessTrace, Open>()
  return listen<ProcessTrace>('rivven:consumer:process', {
    start(message) {
      const { records, clientId, groupId } = message
      const { topic, partition } = commonPlace(records)
      const attributes = {
        ...commonAttributes('process', topic, groupId),
        ...partitionAttributes(partition),
        'messaging.client.id': clientId,
        ...attributesOf(records, recordKeys),
      }
      const how = { kind: SpanKind.CONSUMER, attributes, links: linksOf(records) }
      const span = tracer.startSpan(spanName('process', topic), how)
      setProcessContext(records, trace.setSpan(context.active(), span))
      open.set(message, { span, startedAt: now() })
    },
    end(message) {
      const { records, groupId, isComplete } = message
      const begun = open.get(message)
      if (!begun) return
      // By `break`, by an error or by close: nobody here can tell which.
      if (isComplete === false) begun.span.setAttribute('rivven.process.left', true)
      endSpan(begun.span, undefined)
      const { topic } = commonPlace(records)
      instruments.took({ operation: 'process', topic, groupId }, secondsSince(begun.startedAt))
    },
  })
}

/** Of a record that is alone, else how many there are. */
function attributesOf(records: ProcessTrace['records'], recordKeys: boolean): Attributes {
  const [record, ...others] = records
  if (!record || others.length > 0) return { 'messaging.batch.message_count': records.length }
  return { 'messaging.kafka.offset': record.offset, ...recordAttributes(record, recordKeys) }
}
