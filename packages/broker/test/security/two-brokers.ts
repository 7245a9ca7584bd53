import type { Documents, VersionedDocument } from '../../src/cluster/documents.js'

/** What brokers share: each has a door of its own, and hears of what the others have stored when it is told to. */
export class SharedDocuments {
  readonly stored = new Map<string, VersionedDocument>()
  readonly #told: ((name: string) => void)[] = []
  /** How often a change came too late. */
  refused = 0

  door(): Documents {
    return {
      read: async (name) => this.stored.get(name),
      replace: async (name, expected, content) => {
        const present = this.stored.get(name)?.version
        if (present !== expected) {
          this.refused += 1
          return undefined
        }
        const version = (present ?? 0) + 1
        this.stored.set(name, { content: Buffer.from(content), version })
        return version
      },
      onChange: (listener) => {
        this.#told.push(listener)
        return () => undefined
      },
    }
  }

  tell(name: string): void {
    for (const listener of this.#told) listener(name)
  }
}
