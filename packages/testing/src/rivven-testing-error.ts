import { ConfigError, sentenceOf } from '@rivven/broker'
import type { Misfit } from '@rivven/config'

/**
 * Every error that `startRivven` and what it returns throw: of the shape of the client's `RivvenError`. `code` is
 * `INVALID_ARGUMENT` (options and arguments), `INVALID_CONFIG` (keys of the broker and their values), `INVALID_STATE` (it was
 * closed) or `START_FAILED` (the address or the folder cannot be had, with the system's error as `cause`).
 */
export class RivvenTestingError extends Error {
  override readonly name = 'RivvenTestingError'
  readonly code: string
  readonly retriable = false
  readonly fatal = false
  /** What to do about it, in one sentence. */
  readonly hint: string | undefined

  constructor(code: string, message: string, details: { hint?: string; cause?: unknown } = {}) {
    super(details.hint === undefined ? message : `${message} ${details.hint}`, { cause: details.cause })
    this.code = code
    this.hint = details.hint
  }
}

/** Throws what a check has found. */
export function refuseMisfit(misfit: Misfit | undefined): void {
  if (misfit) throw invalidArgument(misfit.text, misfit.hint)
}

export function invalidArgument(text: string, hint?: string): RivvenTestingError {
  return new RivvenTestingError('INVALID_ARGUMENT', text, { ...(hint !== undefined && { hint }) })
}

/** The error of a broker that does not start, as one of ours. */
export function notStarted(cause: unknown): RivvenTestingError {
  if (cause instanceof RivvenTestingError) return cause
  const sentence = sentenceOf(cause, { listen: 'config.listen', dataFolder: 'dataDir' })
  if (cause instanceof ConfigError) return new RivvenTestingError('INVALID_CONFIG', cause.message, { cause })
  const text = sentence ?? `The broker does not start: ${cause instanceof Error ? cause.message : String(cause)}`
  return new RivvenTestingError('START_FAILED', text, { cause })
}
