import type { RebalanceStory } from '@rivven/groups'
import type { Clock, Timer } from '@rivven/runtime'
import type { Reply } from '../../api/problem.js'
import type { Live } from '../../api/route.js'
import { Rows } from './changed-rows.js'
import type { EventStream } from './event-stream.js'
import { comment, eventText } from './event-text.js'

/** So often something is sent, be there news or not. */
const commentMs = 15_000

/** What is told of a reset that is over. */
const over = JSON.stringify({ stage: 'over' })

export interface FeedOptions {
  readonly clock: Clock
  readonly live: Live<unknown>
  /** Of this life of the broker. */
  readonly boot: string
  /** What the call says now, of which this is the feed. */
  look(): Promise<Reply>
  /** Stories of rebalances that ended after this time, the first ones first. */
  stories(after: number): Promise<readonly RebalanceStory[]>
  /** A look failed by a bug. */
  failed(error: unknown): void
  /** Nobody is here any more. */
  ended(): void
}

/** What one view shows, looked at once for all its readers: they have the whole first, then what has changed. */
export class Feed {
  readonly #options: FeedOptions
  readonly #streams = new Set<EventStream>()
  /** Those who have had the whole, and which changes since. */
  readonly #seen = new Map<EventStream, Rows>()
  readonly #told = new Map<EventStream, number>()
  /** What they know to be under way. */
  readonly #underway = new Map<EventStream, string>()
  #timer: Timer | undefined
  #spokeAt: number
  #isLooking = false
  /** Somebody came while it was being looked. */
  #isWaitedFor = false

  constructor(options: FeedOptions) {
    this.#options = options
    this.#spokeAt = options.clock.monotonic()
  }

  /** `after`: stories that ended later are told again to whoever comes back. */
  add(stream: EventStream, after: number): void {
    this.#streams.add(stream)
    this.#told.set(stream, after)
    void this.#look()
  }

  remove(stream: EventStream): void {
    this.#streams.delete(stream)
    this.#seen.delete(stream)
    this.#told.delete(stream)
    this.#underway.delete(stream)
    if (this.#streams.size > 0) return
    this.#timer?.cancel()
    this.#options.ended()
  }

  close(reason: string): void {
    for (const stream of [...this.#streams]) stream.close(Buffer.from(eventText('bye', { reason })))
  }

  async #look(): Promise<void> {
    this.#isWaitedFor = this.#isLooking
    if (this.#isLooking) return
    this.#isLooking = true
    this.#timer?.cancel()
    try {
      await this.#tell()
    } catch (error) {
      this.#options.failed(error)
      this.close('this failed by a bug of the broker')
    }
    this.#isLooking = false
    const { clock, live } = this.#options
    const pauseMs = this.#isWaitedFor ? 0 : live.everyMs
    if (this.#streams.size > 0) this.#timer = clock.setTimer(pauseMs, () => void this.#look())
  }

  async #tell(): Promise<void> {
    for (const stream of [...this.#streams]) stream.look()
    if (this.#streams.size === 0) return
    const { live, look, stories } = this.#options
    const reply = await look()
    if (reply.status !== 200) return this.#refuse(reply)
    const after = Math.min(...this.#told.values())
    const told = await stories(after)
    const rows = new Rows(live.rows(reply.body))
    const texts = new Texts(reply.body, rows, live.isOrdered ?? false)
    const underway = live.underway?.(reply.body) ?? null
    for (const stream of this.#streams) {
      if (!stream.isFree) continue
      this.#send(stream, { texts, rows, told })
      this.#sendReset(stream, underway)
    }
    this.#comment()
  }

  #send(
    stream: EventStream,
    { texts, rows, told }: { texts: Texts; rows: Rows; told: readonly RebalanceStory[] },
  ): void {
    const after = this.#told.get(stream) ?? 0
    const news = told.filter(({ endedAt }) => endedAt > after)
    const last = Math.max(after, ...news.map(({ endedAt }) => endedAt))
    const id = `${this.#options.boot}-${last}`
    const before = this.#seen.get(stream)
    const text = before ? texts.changeSince(before, id) : texts.whole(id)
    this.#seen.set(stream, rows)
    this.#told.set(stream, last)
    if (text) stream.send(text)
    for (const story of news) stream.send(Buffer.from(eventText('rebalance', story, id)))
    if (text || news.length > 0) this.#spokeAt = this.#options.clock.monotonic()
  }

  /** Each stage of a reset that waits for members, and that it is over: how it ended tells the story of its rebalance. */
  #sendReset(stream: EventStream, underway: object | null): void {
    const text = underway === null ? over : JSON.stringify(underway)
    const before = this.#underway.get(stream) ?? over
    this.#underway.set(stream, text)
    if (text !== before) stream.send(Buffer.from(eventText('reset', JSON.parse(text))))
  }

  /** It is gone, or whoever looks may not see it any more. Where it may only be asked later, the last view stays. */
  #refuse({ status, body }: Reply): void {
    if (status < 500 && status !== 429)
      for (const stream of [...this.#streams]) stream.close(Buffer.from(eventText('bye', body)))
  }

  #comment(): void {
    const { clock } = this.#options
    if (clock.monotonic() - this.#spokeAt < commentMs) return
    this.#spokeAt = clock.monotonic()
    for (const stream of this.#streams) if (stream.isFree) stream.send(Buffer.from(comment))
  }
}

/** What is sent after one look, each text made once for all who get it. */
class Texts {
  readonly #body: unknown
  readonly #rows: Rows
  readonly #isOrdered: boolean
  readonly #made = new Map<string, Buffer | undefined>()
  readonly #changes = new Map<Rows, unknown>()

  constructor(body: unknown, rows: Rows, isOrdered: boolean) {
    this.#body = body
    this.#rows = rows
    this.#isOrdered = isOrdered
  }

  whole(id: string): Buffer {
    const made = this.#made.get(`snapshot ${id}`) ?? Buffer.from(eventText('snapshot', this.#body, id))
    this.#made.set(`snapshot ${id}`, made)
    return made
  }

  /** Undefined: nothing has changed. Most readers have seen the same last look. */
  changeSince(before: Rows, id: string): Buffer | undefined {
    if (!this.#changes.has(before)) {
      const change = this.#rows.since(before, this.#isOrdered)
      this.#changes.set(before, change && Buffer.from(eventText('change', change, id)))
    }
    return this.#changes.get(before) as Buffer | undefined
  }
}
