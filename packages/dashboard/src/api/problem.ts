/** Why a call was not answered: `application/problem+json` (RFC 9457), or one that the page makes when nobody answers. */
export interface Problem {
  /** For programs: `GROUP_NOT_FOUND`. Of the page itself: `UNREACHABLE`, `NO_JSON`. */
  readonly code: string
  readonly title: string
  readonly status: number
  /** One sentence about this very call. */
  readonly detail: string
  /** What to do. */
  readonly hint?: string
}

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

export function unreachable(): Problem {
  return {
    code: 'UNREACHABLE',
    title: 'The broker does not answer',
    status: 0,
    detail: `Nobody answers at ${document.baseURI}.`,
    hint: 'Is rivvend running?',
  }
}

/** Of an answer that is none of ours: a proxy speaks for the broker. */
export function notOurs(status: number): Problem {
  return {
    code: 'NO_JSON',
    title: 'The answer cannot be read',
    status,
    detail: `Somebody in between answered with status ${status}.`,
  }
}

/** Of whatever was thrown by a call. */
export function problemIn(error: unknown): Problem {
  return error instanceof ApiError ? error.problem : unreachable()
}
