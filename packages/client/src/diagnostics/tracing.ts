import * as diagnostics from 'node:diagnostics_channel'

/** What became of it, in the context of a trace: there from `asyncStart` on. */
export interface Outcome<Result> {
  result?: Result
  error?: unknown
}

/**
 * A tracing channel of `node:diagnostics_channel`, without cost while nobody listens: ask `isHeard` before anything is made
 * for it. Where the runtime has no tracing channels nobody ever listens.
 */
export class Tracing<Context extends object> {
  readonly #channel: diagnostics.TracingChannel<unknown, Context> | null

  constructor(name: string) {
    this.#channel = diagnostics.tracingChannel?.<unknown, Context>(name) ?? null
  }

  /** Asked of its parts: not every runtime can say it of the whole. */
  get isHeard(): boolean {
    const channel = this.#channel
    if (channel === null) return false
    const { start, end, asyncStart, asyncEnd, error } = channel
    return (
      start.hasSubscribers ||
      end.hasSubscribers ||
      asyncStart.hasSubscribers ||
      asyncEnd.hasSubscribers ||
      error.hasSubscribers
    )
  }

  /** Traces `work`, which runs within what subscribers of `start` have bound to their stores. */
  during<Result>(context: Context, work: () => Promise<Result>): Promise<Result> {
    return this.#channel === null ? work() : this.#channel.tracePromise(work, context)
  }

  /** Begins a trace of what is no single promise. */
  begin(context: Context): OpenTrace<Context> {
    const { start, end } = this.#channel ?? {}
    start?.publish(context)
    end?.publish(context)
    return new OpenTrace(this.#channel, context)
  }
}

/** A trace that somebody has to end. */
export class OpenTrace<Context extends object> {
  readonly context: Context
  readonly #channel: diagnostics.TracingChannel<unknown, Context> | null

  constructor(channel: diagnostics.TracingChannel<unknown, Context> | null, context: Context) {
    this.#channel = channel
    this.context = context
  }

  end(result: object): void {
    this.#end(Object.assign(this.context, result))
  }

  fail(error: unknown): void {
    const context = Object.assign(this.context, { error })
    this.#channel?.error.publish(context)
    this.#end(context)
  }

  #end(context: Context): void {
    this.#channel?.asyncStart.publish(context)
    this.#channel?.asyncEnd.publish(context)
  }
}

/** A channel for what just happens. */
export class News<Message extends object> {
  readonly #channel: diagnostics.Channel

  constructor(name: string) {
    this.#channel = diagnostics.channel(name)
  }

  get isHeard(): boolean {
    return this.#channel.hasSubscribers
  }

  tell(message: Message): void {
    this.#channel.publish(message)
  }
}
