import { ChangeQueue } from '../../change-queue.js'
import type { Documents } from '../../storage/own-storage.js'

const DOCUMENT = 'producer-ids'
/** Of ids that were given out lately nothing may be stored yet: so many are passed over where nobody knows the last one. */
const UNKNOWN = 1_000_000

export interface AloneProducerIdsOptions {
  readonly storage: Documents
  /** The highest producer id that partitions know, -1 if they know none. Asked if the document is lost. */
  readonly highestStored: () => number
  /** Told what was done without the document. */
  readonly warn: (text: string) => void
}

/** Which producer ids were given out by a broker that is alone: one document says so, and what is stored, should it be lost. */
export class AloneProducerIds {
  readonly #options: AloneProducerIdsOptions
  readonly #changes = new ChangeQueue()
  #next: number
  /** No id from here on was in use when this broker began, as far as it knew. */
  #unused: number

  private constructor(options: AloneProducerIdsOptions, next: number) {
    this.#options = options
    this.#next = next
    this.#unused = next
  }

  static async open(options: AloneProducerIdsOptions): Promise<AloneProducerIds> {
    const content = await options.storage.readDocument(DOCUMENT)
    if (content) return new AloneProducerIds(options, (JSON.parse(content.toString()) as { next: number }).next)
    const ids = new AloneProducerIds(options, 0)
    ids.#passOver(options.highestStored())
    return ids
  }

  /** The first of `count` ids above all that were reserved before, and above `inUse`, which what is stored knows. */
  reserve(count: number, inUse: number): Promise<number> {
    return this.#changes.run(async () => {
      this.#passOver(inUse)
      const first = this.#next
      await this.#options.storage.writeDocument(DOCUMENT, Buffer.from(JSON.stringify({ next: first + count })))
      this.#next = first + count
      return first
    })
  }

  /** An id in use was given out once: a document that is behind it is lost, or of an earlier time. */
  #passOver(inUse: number): void {
    if (inUse < this.#unused) return
    this.#next = Math.max(this.#next, inUse + 1) + UNKNOWN
    this.#unused = this.#next
    this.#options.warn(
      `The producer ids given out are lost (documents/${DOCUMENT} and documents/${DOCUMENT}.copy in the data folder), or of ` +
        `an earlier time. The highest one known to what is stored is ${inUse}; new ones begin at ${this.#next}.`,
    )
  }
}
