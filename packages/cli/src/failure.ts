import { RivvenError } from '@rivven/client'

/** What a user can mend: said in one sentence, without a stack. */
export class UsageError extends Error {}

/** Exit statuses: 0 done, 1 it failed, 2 the command line was wrong. */
export function exitStatusOf(error: unknown): number {
  return error instanceof UsageError || isMisconfigured(error) ? 2 : 1
}

/** What rivven.yaml or the environment says makes no sense: not what a broker says of a topic's configs. */
function isMisconfigured(error: unknown): boolean {
  return error instanceof RivvenError && error.code === 'INVALID_CONFIG' && error.errorCode === undefined
}

/** One plain sentence about a failure: a RivvenError's message says what to do where that is known. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Error) return error.message
  return String(error)
}
