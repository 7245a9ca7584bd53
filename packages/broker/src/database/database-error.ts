/** The call was not done: the database is not there, or refused it for a reason that may pass. It may be made again. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
}

/**
 * Nobody knows whether the call was done: the connection broke between its departure and its answer. It may even be done later.
 * Made again, word by word, it does nothing twice; the docstring of each call says how the answer tells.
 */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError'
}

/** Nothing is wrong with what was asked: the call may pass when it is made again. */
export function isPassing(error: unknown): boolean {
  return error instanceof UnavailableError || error instanceof UnknownOutcomeError
}

/** The database cannot be used as it is, and waiting does not help. The message says what a user can do. */
export class UnusableDatabaseError extends Error {
  override readonly name = 'UnusableDatabaseError'
}
