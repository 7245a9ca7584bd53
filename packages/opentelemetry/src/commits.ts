import { SpanKind } from '@opentelemetry/api'
import type { CommitTrace } from '@rivven/client'
import { commonAttributes, commonPlace, partitionAttributes, serverAttributes, spanName } from './attributes.js'
import { now, secondsSince } from './clock.js'
import { listen } from './listen.js'
import { endSpan, type Open, type Parts } from './parts.js'

/** A span for each commit, also of those in the background. */
export function traceCommits({ tracer, instruments }: Parts): () => void {
  const open = new WeakMap<CommitTrace, Open>()
  return listen<CommitTrace>('rivven:consumer:commit', {
    start(message) {
      const { offsets, clientId, groupId } = message
      const { topic, partition } = commonPlace(offsets)
      const attributes = {
        ...commonAttributes('commit', topic, groupId),
        ...partitionAttributes(partition),
        'messaging.client.id': clientId,
        ...(offsets.length === 1 && { 'messaging.kafka.offset': offsets[0]!.offset }),
      }
      const span = tracer.startSpan(spanName('commit', topic), { kind: SpanKind.CLIENT, attributes })
      open.set(message, { span, startedAt: now() })
    },
    end(message) {
      const { offsets, groupId, error, server } = message
      const begun = open.get(message)
      if (!begun) return
      begun.span.setAttributes(serverAttributes(server))
      endSpan(begun.span, error)
      const { topic } = commonPlace(offsets)
      instruments.took({ operation: 'commit', topic, groupId, error }, secondsSince(begun.startedAt))
    },
  })
}
