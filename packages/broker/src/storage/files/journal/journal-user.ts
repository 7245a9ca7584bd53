/** A partition whose newest batches may be durable in the journal alone. */
export interface JournalUser {
  /** Its folder. */
  readonly name: string
  /** Everything that it has in the journal is durable in its own files too. */
  readonly isSettled: boolean
  /** Makes it so. Rejects if that has become impossible. */
  settle(): Promise<void>
}
