import type { Consumer } from '@rivven/client'
import type { Clock } from '@rivven/runtime'
import type { CommandContext } from '../context.js'
import { flushedUnlessStopped } from '../terminal/stop.js'
import type { RecordWriter } from './record-format.js'
import { Stalls, stallMs } from './stalls.js'
import type { WrittenOffsets } from './written-offsets.js'

export interface ReadingParts {
  consumer: Consumer
  write: RecordWriter
  offsets: WrittenOffsets
  /** Whether compaction may have removed the last records of the topic. */
  mayEndInGap: () => Promise<boolean>
  /** End after so many records. */
  maxMessages: number
  /** End when nothing has come for so long, in milliseconds, and nothing is left. */
  timeoutMs: number
}

/** How long a poll waits, in milliseconds: so soon it is seen that the user asks to stop. */
const pollMs = 200

/**
 * Reads until there is enough, nothing more, or the user asks to stop; returns how many records. They are written, then
 * committed: whoever ends this in between, or has no room for more, sees some of them again.
 */
export async function readRecords({ terminal, runtime }: CommandContext, parts: ReadingParts): Promise<number> {
  const { consumer, write, offsets, maxMessages } = parts
  const quiet = new Quiet(parts, runtime.clock)
  let count = 0
  while (!terminal.stop.aborted) {
    const records = await consumer.poll(pollMs)
    const wanted = records.slice(0, maxMessages - count)
    for (const record of wanted) terminal.out(write(record))
    if (wanted.length > 0) await flushedUnlessStopped(terminal, runtime.clock)
    for (const record of wanted) offsets.wrote(record)
    count += wanted.length
    await offsets.commitIfDue()
    if (count >= maxMessages) break
    if (records.length > 0) quiet.ends()
    else if (await quiet.isTheEnd()) break
  }
  await offsets.commit()
  return count
}

/** The time since the last records came. */
class Quiet {
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #stalls: Stalls
  #since: number
  #nextLook: number

  constructor({ consumer, timeoutMs, mayEndInGap }: ReadingParts, clock: Clock) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    this.#stalls = new Stalls(consumer, clock, mayEndInGap)
    this.#since = clock.monotonic()
    this.#nextLook = this.#since + Math.min(timeoutMs, stallMs)
  }

  ends(): void {
    this.#since = this.#clock.monotonic()
    this.#nextLook = this.#since + Math.min(this.#timeoutMs, stallMs)
    this.#stalls.forget()
  }

  /** It has lasted long enough, and nothing is left to read. Throws where something is left and cannot be read. */
  async isTheEnd(): Promise<boolean> {
    const now = this.#clock.monotonic()
    if (now < this.#nextLook) return false
    const isAtEnd = await this.#stalls.isAtEnd()
    this.#nextLook = this.#clock.monotonic() + stallMs
    if (isAtEnd && now - this.#since >= this.#timeoutMs) return true
    if (isAtEnd) this.#nextLook = Math.min(this.#nextLook, this.#since + this.#timeoutMs)
    return false
  }
}
