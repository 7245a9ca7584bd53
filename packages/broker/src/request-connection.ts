/** The connection of a request, as far as a handler needs it. */
export interface RequestConnection {
  readonly closed: boolean
  /** Calls `listener` once when the connection ends or is gone (at once if it is already). Returns how to stop. */
  onClose(listener: () => void): () => void
  /** Closes this connection, with one log line; nothing more is sent. */
  close(reason: string): void
}
