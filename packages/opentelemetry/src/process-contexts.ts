import { type Context, context } from '@opentelemetry/api'

const contexts = new WeakMap<object, Context>()

/** Records that are handled in this context, while it lasts. */
export function setProcessContext(records: readonly object[], active: Context): void {
  for (const record of records) contexts.set(record, active)
}

/**
 * The context in which a record is handled: that of its `process` span, else the active one. A loop runs in the application's
 * own context, so what it does becomes a part of the span only where it says so.
 *
 *     for await (const record of consumer) {
 *       await context.with(processContext(record), () => handle(record))
 *     }
 */
export function processContext(record: object): Context {
  return contexts.get(record) ?? context.active()
}
