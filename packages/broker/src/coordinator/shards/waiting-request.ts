/** A request that its shard has yet to answer. */
export interface WaitingRequest {
  answer(response: unknown): void
  /** The answer that says so when the records behind it could not be stored, or the shard goes. */
  refuse(errorCode: number): unknown
}
