/** Where a piece of output goes: standard output has data, standard error words. */
export type Output = 'data' | 'words'

/** Takes as many bytes as it can, and says how many. */
export type WriteSome = (to: Output, bytes: Uint8Array) => Promise<number>

/** Data could not be written. */
export class OutputError extends Error {
  /** Whoever read it has had enough (`| head`). */
  readonly isReaderGone: boolean

  constructor(cause: NodeJS.ErrnoException) {
    super(`Standard output cannot be written: ${cause.message}.`, { cause })
    this.isReaderGone = cause.code === 'EPIPE'
  }
}

interface Piece {
  to: Output
  bytes: Uint8Array
}

/**
 * Output on its way, in the order it was given. Node's own streams drop the rest of what a full disk took in part, and stand
 * still with the whole process while a pipe is full: here whoever writes learns what was written, and can be stopped.
 */
export class OutputQueue {
  readonly #writeSome: WriteSome
  #waiting: Piece[] = []
  #writing: Promise<void> | null = null
  #failure: OutputError | null = null

  constructor(writeSome: WriteSome) {
    this.#writeSome = writeSome
  }

  /** Something was given and the operating system has not taken it yet. */
  get isBusy(): boolean {
    return this.#writing !== null
  }

  put(to: Output, data: string | Uint8Array): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    if (bytes.length === 0) return
    this.#waiting.push({ to, bytes })
    this.#writing ??= this.#writeAll()
  }

  /** Resolves when all of it is written; rejects with an OutputError, from then on always, when data could not be. */
  async flushed(): Promise<void> {
    await this.#writing
    if (this.#failure) throw this.#failure
  }

  async #writeAll(): Promise<void> {
    // What one turn of the event loop says goes out together.
    await Promise.resolve()
    for (let piece = this.#next(); piece !== null; piece = this.#next()) await this.#writePiece(piece)
    this.#writing = null
  }

  /** All that stands in front for the same place. */
  #next(): Piece | null {
    const to = this.#waiting[0]?.to
    if (to === undefined) return null
    const end = this.#waiting.findIndex((piece) => piece.to !== to)
    const pieces = this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
    return pieces.length === 1 ? pieces[0]! : { to, bytes: Buffer.concat(pieces.map(({ bytes }) => bytes)) }
  }

  async #writePiece({ to, bytes }: Piece): Promise<void> {
    if (to === 'data' && this.#failure) return
    try {
      for (let at = 0; at < bytes.length; ) at += await this.#writeSome(to, bytes.subarray(at))
    } catch (error) {
      // Where nobody reads the words there is nobody to tell.
      if (to === 'data') this.#failure = new OutputError(error as Error)
    }
  }
}
