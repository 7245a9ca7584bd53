import { channel, tracingChannel } from 'node:diagnostics_channel'
import { diag } from '@opentelemetry/api'

/** What is done at both ends of a trace. */
export interface TraceListener<Message extends object> {
  start?(message: Message): void
  /** `error` is in the message where it failed. */
  end?(message: Message): void
}

/** Listens to a tracing channel of the client; returns what ends that. Where the runtime has none, nothing is ever heard. */
export function listen<Message extends object>(name: string, { start, end }: TraceListener<Message>): () => void {
  if (typeof tracingChannel !== 'function') return () => undefined
  const ends: (() => void)[] = []
  const on = (part: 'start' | 'asyncEnd', call: (message: Message) => void) => {
    const safe = (message: unknown) => {
      // An error here would end the process of an application that only wants to be seen.
      try {
        call(message as Message)
      } catch (error) {
        diag.error(`@rivven/opentelemetry: ${name}`, error)
      }
    }
    const source = channel(`tracing:${name}:${part}`)
    source.subscribe(safe)
    ends.push(() => source.unsubscribe(safe))
  }
  if (start) on('start', start)
  if (end) on('asyncEnd', end)
  return () => {
    for (const stop of ends) stop()
  }
}
