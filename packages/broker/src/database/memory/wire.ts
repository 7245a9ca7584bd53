/**
 * What lies between a broker and the database of memory/. Here it is nothing; a simulation brings one that delays, and that loses
 * calls and answers.
 */
export interface Wire {
  /**
   * Takes a call there and its answer back. `arrive` does it, at once and as a whole. Rejects with UnavailableError where `arrive` was
   * not and will not be called, and with UnknownOutcomeError where it was, or will be.
   */
  carry<Answer>(call: string, arrive: () => Answer): Promise<Answer>
  /** Takes word of what happened there to this side. It may be lost. */
  tell(arrive: () => void): void
}

export const nothingBetween: Wire = {
  carry: async (_call, arrive) => arrive(),
  tell: (arrive) => queueMicrotask(arrive),
}
