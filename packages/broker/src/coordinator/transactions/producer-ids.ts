import type { Storage } from '../../storage/storage.js'

const DOCUMENT = 'producer-ids'
/** Ids reserved with one write; after a crash the rest of a block is left out. */
const BLOCK = 1_000

/** Gives out producer ids, none twice in the life of the stored data. */
export class ProducerIds {
  readonly #storage: Storage
  #next: number
  #reserved: number
  #reserving: Promise<void> | undefined

  private constructor(storage: Storage, next: number) {
    this.#storage = storage
    this.#next = next
    this.#reserved = next
  }

  static async open(storage: Storage): Promise<ProducerIds> {
    const content = await storage.readDocument(DOCUMENT)
    return new ProducerIds(storage, content ? (JSON.parse(content.toString()) as { next: number }).next : 0)
  }

  async next(): Promise<number> {
    while (this.#next >= this.#reserved) await this.prepare()
    return this.#next++
  }

  /** Resolves when an id is at hand. */
  async prepare(): Promise<void> {
    if (this.#next < this.#reserved) return
    this.#reserving ??= this.#reserve()
    await this.#reserving
  }

  /** An id at once, or null while none is at hand; then some soon are. */
  take(): number | null {
    if (this.#reserved - this.#next < BLOCK / 10) {
      this.#reserving ??= this.#reserve()
      this.#reserving.catch(() => undefined)
    }
    return this.#next < this.#reserved ? this.#next++ : null
  }

  async #reserve(): Promise<void> {
    const until = this.#reserved + BLOCK
    try {
      await this.#storage.writeDocument(DOCUMENT, Buffer.from(JSON.stringify({ next: until })))
      this.#reserved = until
    } finally {
      this.#reserving = undefined
    }
  }
}
