/**
 * A connection that lasts, and ends with the process that opened it: so that its end can be seen at once, where a lease takes
 * its time. When it breaks its lock is free, and what it would have been told meanwhile is lost.
 */
export interface Session {
  /**
   * Takes the lock of a broker id, as a sign of life. Resolves when it has it: at once, or when whoever has it (an earlier life
   * of the id) is gone. Rejects with UnavailableError when the session ends before.
   */
  hold(brokerId: number): Promise<void>
  /**
   * Waits for the lock of another broker id and does not keep it. 'ended': a session had it when this began and has it no
   * longer. 'free': nobody had it, so nothing was seen. 'stopped': by a later `watch` of this session (undefined: for nobody),
   * or this session ended itself, and nothing was seen either.
   */
  watch(brokerId: number | undefined): Promise<'ended' | 'free' | 'stopped'>
  /** Tells the version that the metadata have reached. Soon, but perhaps never: the answer of `renew` is what counts. */
  onNotice(listener: (version: number) => void): void
  /** Told once, when the session has broken or was closed; at once where it has. */
  onEnd(listener: () => void): void
  close(): Promise<void>
}
