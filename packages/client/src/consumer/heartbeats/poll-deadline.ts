import type { Clock, Timer } from '@rivven/runtime'
import type { PollBoard } from './poll-board.js'

export interface PollDeadlineParts {
  clock: Clock
  board: PollBoard
  /** Longest time between polls, in milliseconds (max.poll.interval.ms). */
  maxMs: number
  /** Called once in each absence, when most of that time is over. */
  onLate?(awayMs: number): void
  /** Called when this is the one that found poll overdue. */
  onOverdue(): void
}

/** From this share of the time on an absence is late. */
const lateShare = 0.8

/** Notices when the application does not come back to poll for too long. */
export class PollDeadline {
  readonly #parts: PollDeadlineParts
  #timer: Timer | null = null
  #isLate = false

  constructor(parts: PollDeadlineParts) {
    this.#parts = parts
  }

  /** Watches from now on. */
  start(): void {
    if (!this.#timer) this.#look()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  #look(): void {
    const { clock, board, maxMs, onOverdue } = this.#parts
    const now = clock.monotonic()
    this.#timer = null
    if (board.claimOverdue(now, maxMs)) onOverdue()
    else if (!board.isOverdue) this.#lookLater(board.awayMs(now))
  }

  #lookLater(awayMs: number): void {
    const { clock, maxMs, onLate } = this.#parts
    const lateMs = maxMs * lateShare
    const isLate = awayMs >= lateMs
    if (isLate && !this.#isLate) onLate?.(awayMs)
    this.#isLate = isLate
    const delayMs = (onLate && !isLate ? lateMs : maxMs) - awayMs
    this.#timer = clock.setTimer(Math.max(1, Math.ceil(delayMs)), () => this.#look())
  }
}

/** What a group is told of a member whose application does not poll. */
export function overdueReason(maxMs: number): string {
  return `poll was not called for ${maxMs} ms (maxPollIntervalMs)`
}
