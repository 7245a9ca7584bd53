/** A document, and which of its versions this is. */
export interface VersionedDocument {
  readonly content: Buffer
  /** Rises with every replacement. */
  readonly version: number
}

/** Small documents that all brokers share, by name (users, ACLs, quotas). Whoever changes one first wins. */
export interface Documents {
  /**
   * The newest version that this broker knows of: never older than what `replace` has resolved for, or `onChange` told of.
   * Undefined: it was never written.
   *
   * @throws StoredDataError when what is stored of it is damaged
   */
  read(name: string): Promise<VersionedDocument | undefined>
  /**
   * Replaces the document as a whole, if its version is still `expected` (undefined: if there is none). Resolves, when that
   * is durable, to the new version; to undefined if the document is another one by now: it is to be read anew, and the change
   * made from that. Rejects where it is not stored, or where nobody knows whether it is.
   */
  replace(name: string, expected: number | undefined, content: Uint8Array): Promise<number | undefined>
  /** Calls back when others may have replaced a document; after this broker's own replacements perhaps, too. Returns how to stop. */
  onChange(listener: (name: string) => void): () => void
}
