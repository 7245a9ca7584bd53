import type { Clock, Timer } from '@rivven/runtime'
import type { Logger } from 'pino'

const EVERY_MS = 60_000
/** Causes may come from what clients do: more than these are counted together. */
const MOST_CAUSES = 100

/** What is told of something that clients may do a thousand times a second. */
export interface RepeatedLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
  readonly facts: object
  /** What is counted together; default: what has the same text. */
  readonly cause?: string
}

interface Counted extends RepeatedLine {
  more: number
}

/** One line for each cause and minute, and one with a count of all others: whoever knocks a thousand times fills no log. */
export class MinuteLog {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #told = new Map<string, Counted>()
  #timer: Timer | undefined

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock
    this.#log = log
  }

  add(line: RepeatedLine): void {
    const given = line.cause ?? line.text
    const cause = this.#told.size < MOST_CAUSES || this.#told.has(given) ? given : 'others'
    const told = this.#told.get(cause)
    if (told) {
      told.more += 1
      return
    }
    this.#told.set(cause, { ...line, more: 0 })
    this.#log[line.level](line.facts, line.text)
    this.#timer ??= this.#clock.setTimer(EVERY_MS, () => this.#tellCounts())
  }

  close(): void {
    this.#tellCounts()
  }

  #tellCounts(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    for (const [cause, { level, facts, text, more }] of this.#told) {
      const isOne = cause !== 'others'
      const told = isOne ? `${text}; as often as count says within a minute` : 'more of the kind, for other reasons'
      if (more > 0) this.#log[level]({ ...(isOne && facts), count: more }, told)
    }
    this.#told.clear()
  }
}
