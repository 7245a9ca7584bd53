/** Why a connection ends, with the facts for its one log line. */
export interface Ending {
  readonly level: 'warn' | 'error' | 'info'
  readonly reason: string
  readonly apiKey?: number
  readonly apiVersion?: number
  readonly error?: unknown
}
