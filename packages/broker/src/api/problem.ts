import { type ErrorName, errorOf } from '@rivven/protocol'
import { type ProblemCode, problems } from './problems.js'

/** What came of a call, whatever door it came by. */
export interface Reply {
  /** Of HTTP. */
  readonly status: number
  /** A JSON value; bytes go as they are. */
  readonly body: unknown
}

/** Why a call is not answered as it was meant: a problem in the sense of RFC 9457. */
export class Problem {
  readonly code: ProblemCode
  readonly detail: string
  readonly facts: Readonly<Record<string, unknown>>

  /** `detail`: a sentence about this very call; `facts`: more fields. */
  constructor(code: ProblemCode, detail: string, facts: Readonly<Record<string, unknown>> = {}) {
    this.code = code
    this.detail = detail
    this.facts = facts
  }

  get status(): number {
    return problems[this.code].status
  }

  get reply(): Reply {
    const { status, title, hint } = problems[this.code]
    const { code, detail, facts } = this
    return {
      status,
      body: { type: typeOf(code), title, status, detail, code, ...(hint !== undefined && { hint }), ...facts },
    }
  }
}

/** The page that lists all problems, and the place of one there. */
export const problemsPath = '/docs/errors'
export const anchorOf = (code: ProblemCode): string => code.toLowerCase().replaceAll('_', '-')
const typeOf = (code: ProblemCode): string => `${problemsPath}#${anchorOf(code)}`

/** What Kafka's errors are called here. */
const codes: Partial<Record<ErrorName, ProblemCode>> = {
  GROUP_ID_NOT_FOUND: 'GROUP_NOT_FOUND',
  NON_EMPTY_GROUP: 'GROUP_NOT_EMPTY',
  UNKNOWN_MEMBER_ID: 'MEMBER_NOT_FOUND',
  UNKNOWN_TOPIC_OR_PARTITION: 'PARTITION_NOT_FOUND',
  OFFSET_OUT_OF_RANGE: 'RECORD_NOT_FOUND',
  TRANSACTIONAL_ID_NOT_FOUND: 'TRANSACTION_NOT_FOUND',
  CONCURRENT_TRANSACTIONS: 'TRANSACTION_BUSY',
  COORDINATOR_LOAD_IN_PROGRESS: 'LOADING',
  COORDINATOR_NOT_AVAILABLE: 'COORDINATOR_NOT_AVAILABLE',
  NOT_COORDINATOR: 'COORDINATOR_NOT_AVAILABLE',
  NOT_LEADER_OR_FOLLOWER: 'LEADER_NOT_AVAILABLE',
  KAFKA_STORAGE_ERROR: 'STORAGE_ERROR',
  CORRUPT_MESSAGE: 'STORAGE_ERROR',
}

/** The problem that an error of Kafka's protocol is. */
export function problemOf(errorCode: number, detail: string): Problem {
  const { name } = errorOf(errorCode)
  return new Problem(codes[name as ErrorName] ?? 'REFUSED', detail, { error: name })
}
