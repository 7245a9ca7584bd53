import { type Api, ErrorCode, errorOf, type RequestOf, type ResponseOf } from '@rivven/protocol'
import type { Change } from '../../security/audit/audit.js'

/** What one API changes, seen from its requests and the answers to them: what was done, not what was asked. */
export interface ApiChanges {
  readonly api: Api
  readonly of: (request: unknown, answer: unknown) => Iterable<Change>
}

export function apiChanges<A extends Api>(
  api: A,
  of: (request: RequestOf<A>, answer: ResponseOf<A>) => Iterable<Change>,
): ApiChanges {
  return { api, of: of as ApiChanges['of'] }
}

/** The audit has heard of these when they were asked for. */
const denials: ReadonlySet<number> = new Set([
  ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  ErrorCode.GROUP_AUTHORIZATION_FAILED,
  ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
])

/** One change for each result of an answer that was not denied, made when it is asked for: there may be 100,000. */
export function* changesOf<Result extends { readonly errorCode: number }>(
  results: readonly Result[],
  changeOf: (result: Result, at: number) => Omit<Change, 'error'>,
): Iterable<Change> {
  for (const [at, result] of results.entries()) {
    if (denials.has(result.errorCode)) continue
    yield { ...changeOf(result, at), error: errorOf(result.errorCode).name }
  }
}

/** More would be cut. */
const MOST_LISTED = 100

/** One change for all results with the same error, which `textOf` lists. */
export function changesByError<Result extends { readonly errorCode: number }>(
  results: readonly Result[],
  change: Omit<Change, 'error' | 'detail'>,
  textOf: (result: Result) => string,
): Change[] {
  const byError = new Map<number, Result[]>()
  for (const result of results) {
    if (denials.has(result.errorCode)) continue
    const same = byError.get(result.errorCode)
    if (same) same.push(result)
    else byError.set(result.errorCode, [result])
  }
  return Array.from(byError, ([errorCode, same]) => ({
    ...change,
    error: errorOf(errorCode).name,
    detail: same.slice(0, MOST_LISTED).map(textOf).join(', '),
  }))
}
