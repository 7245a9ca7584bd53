import type { Clock, Timer } from '@rivven/runtime'
import type { AuditLine } from './audit-line.js'

const EVERY_MS = 60_000
/** Clients choose the names in keys: beyond so many at a time, what happens is told without names. */
const MOST_KEYS = 1_000

interface Counted {
  readonly line: AuditLine
  /** How often it happened since a line told of it. */
  untold: number
}

/** One line for each key and minute, with a count: the first at once, those that say the same when the minute is over. */
export class CountedLines {
  readonly #clock: Clock
  readonly #write: (line: AuditLine) => void
  readonly #counted = new Map<string, Counted>()
  #timer: Timer | undefined

  constructor(clock: Clock, write: (line: AuditLine) => void) {
    this.#clock = clock
    this.#write = write
  }

  add(key: string, line: AuditLine): void {
    if (this.#counted.has(key) || this.#counted.size < MOST_KEYS) this.#count(key, line)
    else this.#count(`others ${line.outcome}`, { ...line, principal: others, resource: others, detail: undefined })
  }

  /** Tells what is not told yet. */
  close(): void {
    this.#timer?.cancel()
    this.#tell()
    this.#counted.clear()
  }

  #count(key: string, line: AuditLine): void {
    const known = this.#counted.get(key)
    if (known) {
      known.untold += 1
      return
    }
    this.#counted.set(key, { line, untold: 0 })
    this.#write(line)
    this.#timer ??= this.#nextMinute()
  }

  #nextMinute(): Timer {
    return this.#clock.setTimer(EVERY_MS, () => {
      this.#tell()
      this.#timer = this.#counted.size > 0 ? this.#nextMinute() : undefined
    })
  }

  /** What did not happen again is forgotten. */
  #tell(): void {
    for (const [key, counted] of this.#counted) {
      const { line, untold } = counted
      if (untold === 0) this.#counted.delete(key)
      else this.#write({ ...line, time: this.#clock.now(), count: untold })
      counted.untold = 0
    }
  }
}

const others = '(others)'
