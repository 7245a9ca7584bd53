import { ChangeQueue } from '../../change-queue.js'
import type { Documents as StoredDocuments } from '../../storage/own-storage.js'
import type { Documents, VersionedDocument } from '../documents.js'

/** Documents that nobody but this broker changes: their versions count from its start. */
export class AloneDocuments implements Documents {
  readonly #storage: StoredDocuments
  readonly #changes = new ChangeQueue()
  /** Of those that were written here; any other has the first one. */
  readonly #versions = new Map<string, number>()

  constructor(storage: StoredDocuments) {
    this.#storage = storage
  }

  read(name: string): Promise<VersionedDocument | undefined> {
    return this.#changes.run(() => this.#read(name))
  }

  replace(name: string, expected: number | undefined, content: Uint8Array): Promise<number | undefined> {
    return this.#changes.run(async () => {
      const present = this.#versions.get(name) ?? (await this.#read(name))?.version
      if (present !== expected) return undefined
      await this.#storage.writeDocument(name, content)
      const version = (present ?? 0) + 1
      this.#versions.set(name, version)
      return version
    })
  }

  /** Nobody else is there to change one. */
  onChange(): () => void {
    return () => undefined
  }

  async #read(name: string): Promise<VersionedDocument | undefined> {
    const content = await this.#storage.readDocument(name)
    return content && { content, version: this.#versions.get(name) ?? 1 }
  }
}
