import { ChangeQueue } from '../change-queue.js'
import type { Documents, VersionedDocument } from '../cluster/documents.js'

export interface KeptDocumentOptions {
  readonly documents: Documents
  readonly name: string
  /** Puts into effect what another broker has stored. Nothing else changes meanwhile. */
  follow(content: Buffer | undefined): Promise<void> | void
  /** Told where what another broker has stored cannot be had or used. */
  readonly warn?: ((text: string) => void) | undefined
}

/** A change, as it follows from what is known now. */
export interface PlannedChange<Result> {
  readonly result: Result
  /** What is to be stored; undefined: there is nothing to change. */
  readonly content: Uint8Array | undefined
  /** Puts it into effect, when it is stored. */
  take(): void
}

/**
 * A document that is kept in memory, and changed by several brokers: one change after the other, each made from the newest
 * version. Who was not the first is made anew from that.
 */
export class KeptDocument {
  readonly #options: KeptDocumentOptions
  readonly #changes = new ChangeQueue()
  /** Undefined: there is none. */
  #version: number | undefined

  /** `present` is what its owner has read and knows. */
  constructor(options: KeptDocumentOptions, present: VersionedDocument | undefined) {
    this.#options = options
    this.#version = present?.version
    options.documents.onChange((name) => {
      if (name === options.name) this.#changes.run(() => this.#readAnew()).catch((error: Error) => this.#tell(error))
    })
  }

  /** Plans the change, stores it and takes it; plans it anew where another broker was faster. Rejects where it is not stored. */
  change<Result>(plan: () => Promise<PlannedChange<Result>>): Promise<Result> {
    const { documents, name } = this.#options
    return this.#changes.run(async () => {
      for (;;) {
        const { result, content, take } = await plan()
        if (content === undefined) return result
        const version = await documents.replace(name, this.#version, content)
        if (version === undefined) {
          await this.#readAnew()
          continue
        }
        this.#version = version
        take()
        return result
      }
    })
  }

  /** Looks at what is known while nothing changes. */
  look<Result>(read: () => Promise<Result>): Promise<Result> {
    return this.#changes.run(read)
  }

  /** Resolves when all changes asked for so far are done. */
  settled(): Promise<void> {
    return this.#changes.settled()
  }

  #tell({ message }: Error): void {
    const { name, warn } = this.#options
    warn?.(`Another broker has changed what is stored of ${name}, and here the old counts on: ${message}`)
  }

  async #readAnew(): Promise<void> {
    const { documents, name, follow } = this.#options
    const present = await documents.read(name)
    if (present?.version === this.#version) return
    await follow(present?.content)
    this.#version = present?.version
  }
}
