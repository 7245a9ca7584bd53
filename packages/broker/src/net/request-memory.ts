import type { Clock } from '@rivven/runtime'
import type { Deadlines, Waiting } from './deadlines.js'
import type { Refusals } from './refusals.js'

/** When there is no room, and the request that may come to its end does not for so long, its connection is closed. */
const STUCK_MS = 10_000

/** A connection that holds requests in memory. */
export interface MemoryHolder {
  /** A large request of it has begun, and the rest is awaited. */
  readonly isReadingLarge: boolean
  /** There is room again, or it is its turn: it may read on. */
  onRoom(): void
  /** What it holds is needed by others. */
  giveUp(): void
}

export interface MemoryTerms {
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly refusals: Refusals
  /** Of all holders together. */
  readonly limit: number
  /** Who holds no more is not counted, and always read: heartbeats go on. */
  readonly small: number
  /** What is logged when there is no room. */
  readonly fullText: string
}

/**
 * The memory of requests, of those that wait and of those that are coming. Where there is too much no large request begins, and
 * of those that have begun the one that holds most comes to its end, the smaller ones wait: so memory gets free soonest.
 */
export class RequestMemory implements Waiting {
  readonly #terms: MemoryTerms
  readonly #held = new Map<MemoryHolder, number>()
  /** Who was not allowed to read. */
  readonly #waiting = new Set<MemoryHolder>()
  #total = 0
  /** Who may come to its end although there is no room, and until when. */
  #favoured: MemoryHolder | undefined
  #favouredUntil = 0
  #isWaking = false

  constructor(terms: MemoryTerms) {
    this.#terms = terms
  }

  get total(): number {
    return this.#total
  }

  /** So many bytes are held by now. */
  hold(holder: MemoryHolder, bytes: number): void {
    const before = this.#held.get(holder) ?? 0
    const now = bytes <= this.#terms.small ? 0 : bytes
    if (now === before) return
    if (now === 0) this.#held.delete(holder)
    else this.#held.set(holder, now)
    this.#total += now - before
    if (holder === this.#favoured && now === 0) this.#favoured = undefined
    if (now < before) this.#wake()
  }

  leave(holder: MemoryHolder): void {
    this.hold(holder, 0)
    this.#waiting.delete(holder)
  }

  /** May a request of so many bytes begin? If not, `onRoom` says when to ask again. */
  mayBegin(holder: MemoryHolder, bytes: number): boolean {
    if (!this.#isFull || bytes <= this.#terms.small) return true
    this.#wait(holder)
    return false
  }

  /** May it read on? */
  mayRead(holder: MemoryHolder): boolean {
    if (!this.#isFull || !holder.isReadingLarge) return true
    this.#favour()
    if (holder === this.#favoured) return true
    this.#wait(holder)
    return false
  }

  look(now: number): number | undefined {
    if (!this.#isFull || !this.#favoured?.isReadingLarge) return undefined
    if (now < this.#favouredUntil) return this.#favouredUntil
    this.#favoured.giveUp()
    return undefined
  }

  get #isFull(): boolean {
    return this.#total >= this.#terms.limit
  }

  #wait(holder: MemoryHolder): void {
    if (this.#waiting.size === 0) this.#terms.refusals.tell({ level: 'warn', text: this.#terms.fullText, facts: {} })
    this.#waiting.add(holder)
  }

  /** Of those that have begun, the one that holds most: until it has ended. */
  #favour(): void {
    if (this.#favoured?.isReadingLarge) return
    this.#favoured = undefined
    let most = 0
    for (const [holder, bytes] of this.#held) {
      if (bytes <= most || !holder.isReadingLarge) continue
      most = bytes
      this.#favoured = holder
    }
    if (!this.#favoured) return
    this.#favouredUntil = this.#terms.clock.monotonic() + STUCK_MS
    this.#terms.deadlines.by(this, this.#favouredUntil)
  }

  /** Not within the turn of whoever let go. */
  #wake(): void {
    if (this.#isWaking || this.#waiting.size === 0) return
    this.#isWaking = true
    this.#terms.clock.setTimer(0, () => {
      this.#isWaking = false
      if (this.#isFull) this.#favour()
      // Those that hold most come first.
      const waiting = [...this.#waiting].sort((one, other) => this.#bytesOf(other) - this.#bytesOf(one))
      for (const holder of waiting) {
        if (this.#isFull && holder !== this.#favoured) continue
        this.#waiting.delete(holder)
        holder.onRoom()
      }
    })
  }

  #bytesOf(holder: MemoryHolder): number {
    return this.#held.get(holder) ?? 0
  }
}
