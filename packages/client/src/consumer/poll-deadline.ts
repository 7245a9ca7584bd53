import type { Clock, Timer } from '@rivven/runtime'
import type { PollBoard } from './poll-board.js'

export interface PollDeadlineParts {
  clock: Clock
  board: PollBoard
  /** Longest time between polls, in milliseconds (max.poll.interval.ms). */
  maxMs: number
  /** Called when this is the one that found poll overdue. */
  onOverdue(): void
}

/** Notices when the application does not come back to poll for too long. */
export class PollDeadline {
  readonly #parts: PollDeadlineParts
  #timer: Timer | null = null

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
    else if (!board.isOverdue)
      this.#timer = clock.setTimer(Math.max(1, Math.ceil(maxMs - board.awayMs(now))), () => this.#look())
  }
}

/** What a group is told of a member whose application does not poll. */
export function overdueReason(maxMs: number): string {
  return `poll was not called for ${maxMs} ms (maxPollIntervalMs)`
}
