import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'

export interface ServerEvent {
  readonly event: string
  readonly id: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  readonly data: any
}

/** Reads server-sent events as a browser does. */
export class EventReader {
  readonly #body: ReadableStreamDefaultReader<Uint8Array>
  readonly #decoder = new TextDecoder()
  readonly #abort: AbortController
  #text = ''

  private constructor(body: ReadableStream<Uint8Array>, abort: AbortController) {
    this.#body = body.getReader()
    this.#abort = abort
  }

  static async open(t: TestContext, url: string, headers: Record<string, string> = {}): Promise<EventReader> {
    const abort = new AbortController()
    const answer = await fetch(url, { headers, signal: abort.signal })
    assert.equal(answer.status, 200, answer.status === 200 ? '' : await answer.text())
    assert.equal(answer.headers.get('content-type'), 'text/event-stream')
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    const reader = new EventReader(answer.body!, abort)
    t.after(() => reader.close())
    return reader
  }

  /** The next event; undefined: there is none any more. */
  async next(): Promise<ServerEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end >= 0) {
        const lines = this.#text.slice(0, end).split('\n')
        this.#text = this.#text.slice(end + 2)
        const event = eventIn(lines)
        if (event) return event
        continue
      }
      const { done, value } = await this.#body.read()
      if (done) return undefined
      this.#text += this.#decoder.decode(value, { stream: true })
    }
  }

  /** The next event of this name. */
  async until(name: string): Promise<ServerEvent> {
    for (;;) {
      const event = await this.next()
      assert.ok(event, `the stream ended without ${name}`)
      if (event.event === name) return event
    }
  }

  close(): void {
    this.#abort.abort()
  }
}

function eventIn(lines: readonly string[]): ServerEvent | undefined {
  const field = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
  const event = field('event')
  return event === undefined ? undefined : { event, id: field('id'), data: JSON.parse(field('data') ?? 'null') }
}
