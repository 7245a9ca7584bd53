import type { Clock } from '@rivven/runtime'

/** What goes into the socket's hands at a time. */
const pieceBytes = 64 * 1024
/** What a reader may leave lying before it gets nothing more. */
const mostWaiting = 256 * 1024
/** Who takes nothing for so long is cut off. */
const stalledMs = 30_000

/**
 * One reader of events. It is sent what there is only when it has taken what came before: the next look has the newest anyway. What
 * lies here for it are slices of a text that all readers share.
 */
export class EventStream {
  readonly readable: ReadableStream<Uint8Array>
  readonly #clock: Clock
  readonly #ended: () => void
  #waiting: Buffer[] = []
  #controller!: ReadableStreamDefaultController<Uint8Array>
  #wake: (() => void) | undefined
  #takenAt: number
  #isOpen = true

  constructor(clock: Clock, ended: () => void) {
    this.#clock = clock
    this.#ended = ended
    this.#takenAt = clock.monotonic()
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => this.#pull(),
        cancel: () => this.close(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: mostWaiting }),
    )
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Has it taken all that was sent? */
  get isFree(): boolean {
    return this.#isOpen && this.#waiting.length === 0 && (this.#controller.desiredSize ?? 0) > 0
  }

  /** Closes it where nothing was taken for too long. */
  look(): void {
    if (this.isFree) this.#takenAt = this.#clock.monotonic()
    else if (this.#clock.monotonic() - this.#takenAt >= stalledMs) this.close()
  }

  send(text: Buffer): void {
    if (!this.#isOpen) return
    for (let at = 0; at < text.length; at += pieceBytes) this.#waiting.push(text.subarray(at, at + pieceBytes))
    this.#wake?.()
  }

  /** What lies here is dropped. `last` is sent where it would not come in the middle of something. */
  close(last?: Buffer): void {
    if (!this.#isOpen) return
    const isBetween = this.#waiting.length === 0
    this.#isOpen = false
    this.#waiting = []
    try {
      if (last && isBetween) this.#controller.enqueue(last)
      this.#controller.close()
    } catch {
      // It was cancelled.
    }
    this.#wake?.()
    this.#ended()
  }

  /** Asked for more: gives what there is, or waits for it. */
  async #pull(): Promise<void> {
    this.#takenAt = this.#clock.monotonic()
    while (this.#isOpen && this.#waiting.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    const piece = this.#waiting.shift()
    if (this.#isOpen && piece) this.#controller.enqueue(piece)
  }
}
