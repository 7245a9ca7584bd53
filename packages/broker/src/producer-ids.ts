import type { Storage } from './storage/storage.js'

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
    while (this.#next >= this.#reserved) {
      this.#reserving ??= this.#reserve()
      await this.#reserving
    }
    return this.#next++
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
