import { type ErrorFacts, RivvenError } from '@rivven/link'

/** What an answer says of one thing that was asked for. Throws INVALID_RESPONSE where it says nothing of it. */
export function answered<One>(one: One | undefined, what: string, facts: ErrorFacts): One {
  if (one !== undefined) return one
  throw new RivvenError('INVALID_RESPONSE', `The broker was asked about ${what}, and its answer says nothing of it.`, {
    facts,
  })
}
