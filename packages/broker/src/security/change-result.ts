import type { ErrorName } from '@rivven/protocol'

/** What becomes of one thing that a request asks for; the message is for a person. */
export interface ChangeResult {
  readonly error: ErrorName
  readonly message: string | null
}

export const changed: ChangeResult = { error: 'NONE', message: null }

export function refused(error: ErrorName, message: string): ChangeResult {
  return { error, message }
}
