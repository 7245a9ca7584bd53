import type { Life } from './life.js'

/** What a receiver can do with a piece. Returns how many bytes it took: fewer than all when it has to wait. */
export type Take = (bytes: Buffer) => number

/** One direction of a connection: bytes arrive in order, however long each piece was under way. */
export class Pipe {
  /** Bytes that arrived and were not read yet. */
  #arrived: Buffer[] = []
  /** Pieces that left while the line was cut: TCP repeats them once it is whole again. */
  #stalled: Buffer[] = []
  #lastArrival = 0
  #isCut = false
  #hasEnded = false
  #endStalled: (() => void) | undefined
  readonly #receiver: Life
  readonly #delayMs: () => number
  readonly #take: Take
  /** Called when the receiver has read this many bytes. */
  onRead: ((count: number) => void) | undefined

  constructor(receiver: Life, delayMs: () => number, take: Take) {
    this.#receiver = receiver
    this.#delayMs = delayMs
    this.#take = take
  }

  send(bytes: Buffer): void {
    if (this.#isCut) this.#stalled.push(bytes)
    else this.#plan('bytes', () => this.#arrive(bytes))
  }

  /** Nothing comes after what was sent so far. */
  end(closed: () => void): void {
    this.#hasEnded = true
    if (this.#isCut) this.#endStalled = closed
    else this.#plan('end', closed)
  }

  get isStalled(): boolean {
    return this.#isCut && (this.#stalled.length > 0 || this.#endStalled !== undefined)
  }

  cut(): void {
    this.#isCut = true
  }

  heal(): void {
    if (!this.#isCut) return
    this.#isCut = false
    for (const bytes of this.#stalled.splice(0)) this.#plan('bytes', () => this.#arrive(bytes))
    if (this.#hasEnded && this.#endStalled) this.#plan('end', this.#endStalled)
    this.#endStalled = undefined
  }

  /** The receiver reads (again). */
  read(): void {
    while (this.#arrived.length > 0) {
      const first = this.#arrived[0]!
      const count = this.#take(first)
      if (count > 0) this.onRead?.(count)
      if (count < first.length) {
        this.#arrived[0] = first.subarray(count)
        return
      }
      this.#arrived.shift()
    }
  }

  #arrive(bytes: Buffer): void {
    this.#arrived.push(bytes)
    this.read()
  }

  #plan(label: string, run: () => void): void {
    const { schedule } = this.#receiver
    this.#lastArrival = Math.max(this.#lastArrival, schedule.now + this.#delayMs())
    this.#receiver.after(this.#lastArrival - schedule.now, label, run)
  }
}
