import type { ObservableResult } from '@opentelemetry/api'
import type { PollTrace } from '@rivven/client'
import type { Instruments } from './instruments.js'
import { listen } from './listen.js'

type Metrics = PollTrace['metrics']

/** The lag of all consumers that have polled since, when somebody collects it. */
export function observeLag({ lag }: Instruments): () => void {
  const known = new WeakSet<Metrics>()
  // Consumers that nobody closed go all the same.
  const consumers = new Set<WeakRef<Metrics>>()
  const observe = (result: ObservableResult) => {
    for (const consumer of consumers) {
      const figures = consumer.deref()?.()
      if (figures && figures.state !== 'closed') report(figures, result)
      else consumers.delete(consumer)
    }
  }
  lag.addCallback(observe)
  const end = listen<PollTrace>('rivven:consumer:poll', {
    start({ metrics }) {
      if (known.has(metrics)) return
      known.add(metrics)
      consumers.add(new WeakRef(metrics))
    },
  })
  return () => {
    end()
    lag.removeCallback(observe)
  }
}

function report({ clientId, groupId, partitions }: ReturnType<Metrics>, result: ObservableResult): void {
  for (const { topic, partition, lag } of partitions) {
    if (lag === null) continue
    result.observe(lag, {
      'messaging.system': 'kafka',
      'messaging.client.id': clientId,
      'messaging.destination.name': topic,
      'messaging.destination.partition.id': String(partition),
      ...(groupId !== null && { 'messaging.consumer.group.name': groupId }),
    })
  }
}
