import { isProblem } from '../api/call.js'
import { ApiError, notOurs, type Problem, problemIn } from '../api/problem.js'
import { pauseOf } from '../loaded/loaded.js'
import { after, chance, type Timer, wallNow } from '../world/clock.js'
import { EventReader, type ServerEvent } from './event-reader.js'

export interface StreamOptions {
  /** Opens it; rejects where nobody answers. */
  open(headers: Record<string, string>, signal: AbortSignal): Promise<Response>
  event(event: ServerEvent): void
  /** It is not open, and will be tried again then; null: it will not. */
  failed(problem: Problem, nextTryAt: number | null): void
  /** Would this problem be answered in the same way a moment later? */
  isTriedAgain(problem: Problem): boolean
}

/** How long nothing may come: the broker sends a comment every 15 s. */
const silenceMs = 45_000

/** A stream of events that is opened again whenever it ends, from where it was: `Last-Event-ID` says that. */
export class EventsStream {
  readonly #options: StreamOptions
  #lastId = ''
  #failures = 0
  #retry: Timer | undefined
  #abort: AbortController | undefined

  constructor(options: StreamOptions) {
    this.#options = options
  }

  get isOpen(): boolean {
    return this.#abort !== undefined
  }

  /** Opens it now, where it is not open. */
  open(): void {
    if (this.#abort) return
    this.#retry?.cancel()
    this.#retry = undefined
    const abort = new AbortController()
    this.#abort = abort
    void this.#run(abort)
  }

  close(): void {
    this.#retry?.cancel()
    this.#retry = undefined
    this.#abort?.abort()
    this.#abort = undefined
  }

  async #run(abort: AbortController): Promise<void> {
    const problem = await this.#read(abort)
    if (this.#abort !== abort) return
    this.#abort = undefined
    this.#failures += 1
    const pauseMs = this.#options.isTriedAgain(problem) ? pauseOf(this.#failures, chance()) : null
    this.#options.failed(problem, pauseMs === null ? null : wallNow() + pauseMs)
    if (pauseMs !== null) this.#retry = after(pauseMs, () => this.open())
  }

  /** Until it ends; why it did. */
  async #read(abort: AbortController): Promise<Problem> {
    try {
      const headers: Record<string, string> = this.#lastId === '' ? {} : { 'last-event-id': this.#lastId }
      const response = await this.#options.open(headers, abort.signal)
      if (!response.ok || !response.body) throw new ApiError(await problemOf(response))
      return await this.#readEvents(response.body, abort)
    } catch (error) {
      return problemIn(error)
    }
  }

  async #readEvents(body: ReadableStream<Uint8Array>, abort: AbortController): Promise<Problem> {
    const events = new EventReader()
    const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
    let bye: Problem | undefined
    for (;;) {
      const silence = after(silenceMs, () => abort.abort())
      const { value, done } = await reader.read().finally(() => silence.cancel())
      if (done) return bye ?? ended
      for (const event of events.read(value)) {
        if (event.event === 'bye') bye = goodbye(event)
        else this.#take(event)
      }
    }
  }

  #take(event: ServerEvent): void {
    this.#failures = 0
    this.#lastId = event.id
    this.#options.event(event)
  }
}

const ended: Problem = {
  ...{ code: 'STREAM_ENDED', title: 'The connection has ended', status: 0 },
  detail: 'The broker, or somebody in between, has ended the stream of events.',
}

/** The problem of the call, or why the broker ends all streams. */
function goodbye({ data }: ServerEvent): Problem {
  const told: unknown = JSON.parse(data)
  if (isProblem(told)) return told
  return { ...ended, detail: `The broker says: ${(told as { reason: string }).reason}.` }
}

async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => undefined)
  return isProblem(body) ? body : notOurs(response.status)
}
