/** Whether the application is in poll, away from it, or was away for too long. */
const phaseWord = 0
/** When it left poll: monotonic milliseconds, modulo 2^32 (differences are far smaller). */
const leftAtWord = 1

/** When a heartbeat was answered last, likewise. */
const beatenAtWord = 2

const inPoll = 0
const away = 1
const overdue = 2

/**
 * What the application's thread and the heartbeats' thread tell each other of poll and heartbeats, in memory that they share: a thread which is
 * busy can neither send nor get messages. Exactly one of them finds that poll is overdue.
 */
export class PollBoard {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array

  constructor(memory = new SharedArrayBuffer(12)) {
    this.memory = memory
    this.#words = new Int32Array(memory)
  }

  /** Poll is called. False when it comes too late: then membership is over, and nothing may be returned. */
  enter(): boolean {
    return Atomics.exchange(this.#words, phaseWord, inPoll) !== overdue
  }

  /** Poll returned, or the application asks for the next record. What is overdue stays so. */
  leave(now: number): void {
    Atomics.store(this.#words, leftAtWord, now | 0)
    Atomics.compareExchange(this.#words, phaseWord, inPoll, away)
  }

  get isOverdue(): boolean {
    return Atomics.load(this.#words, phaseWord) === overdue
  }

  /** How long the application has been away, in milliseconds; 0 while it is in poll. */
  awayMs(now: number): number {
    const isAway = Atomics.load(this.#words, phaseWord) !== inPoll
    return isAway ? ((now | 0) - Atomics.load(this.#words, leftAtWord)) | 0 : 0
  }

  /** The coordinator answered a heartbeat, or a join. */
  beaten(now: number): void {
    Atomics.store(this.#words, beatenAtWord, now | 0)
  }

  /** How long that is ago, in milliseconds. */
  sinceBeatMs(now: number): number {
    return ((now | 0) - Atomics.load(this.#words, beatenAtWord)) | 0
  }

  /** Finds poll overdue, if it is and nobody has found so before. */
  claimOverdue(now: number, maxMs: number): boolean {
    if (this.awayMs(now) < maxMs) return false
    return Atomics.compareExchange(this.#words, phaseWord, away, overdue) === away
  }
}
