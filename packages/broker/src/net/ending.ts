import type { RefusalReason } from './refusals.js'

/** Why a connection ends, with the facts for its one log line. */
export interface Ending {
  readonly level: 'warn' | 'error' | 'info'
  readonly reason: string
  /** Counted as this; who has not logged in is counted anyway. */
  readonly refusal?: RefusalReason
  readonly apiKey?: number
  readonly apiVersion?: number
  readonly error?: unknown
}
