import { type ErrorFacts, errorFromCode, FencedError, RivvenError } from '@rivven/link'
import { ErrorCode, errorOf } from '@rivven/protocol'

/**
 * The transaction cannot be committed any more: call `abort()`, rewind the consumer (`seekToCommitted()`) and do its work
 * again in a new one. `code` and `cause` say why.
 */
export class TransactionAbortableError extends RivvenError {}

/** This producer can do nothing any more, for the reason in `code` and `cause`: close it and make a new one. */
export class TransactionFatalError extends RivvenError {}

/**
 * A newer producer has the same transactionalId, or the transaction lasted longer than `transactionTimeoutMs`: the broker
 * takes nothing from this one any more. Close it; if no other one is meant to be there, make a new one.
 */
export class ProducerFencedError extends FencedError {}

/** What an error code means for the transaction (transactions §16.2). */
export type Verdict = 'retry' | 'abortable' | 'fatal'

/** Of what the coordinators answer; codes that depend on the request are judged where it is made. */
export function verdictOf(code: number): Verdict {
  switch (code) {
    case ErrorCode.INVALID_PRODUCER_EPOCH:
    case ErrorCode.PRODUCER_FENCED:
    case ErrorCode.INVALID_PRODUCER_ID_MAPPING:
    case ErrorCode.INVALID_TXN_STATE:
    case ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return 'fatal'
    case ErrorCode.TRANSACTION_ABORTABLE:
    case ErrorCode.TOPIC_AUTHORIZATION_FAILED:
    case ErrorCode.GROUP_AUTHORIZATION_FAILED:
    case ErrorCode.UNKNOWN_PRODUCER_ID:
      return 'abortable'
    default:
      return errorOf(code).retriable ? 'retry' : 'fatal'
  }
}

/** Of what leaders answer to Produce, after retries: 47 is a fence only if the abort says so too. */
export function produceVerdict(code: number | undefined): Verdict {
  switch (code) {
    case ErrorCode.PRODUCER_FENCED:
    case ErrorCode.INVALID_PRODUCER_ID_MAPPING:
    case ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case ErrorCode.CLUSTER_AUTHORIZATION_FAILED:
      return 'fatal'
    default:
      return 'abortable'
  }
}

/** The error for a code that decides something: one to try again, or that of the transaction or of the producer. */
export function transactionError(code: number, what: string, verdict: Verdict, facts: ErrorFacts): RivvenError {
  const cause = errorFromCode(code, what, { facts, retriable: verdict === 'retry' })
  if (verdict === 'retry') return cause
  return verdict === 'fatal' ? fatalError(cause) : abortableError(cause)
}

export function abortableError(cause: RivvenError): RivvenError {
  if (cause instanceof TransactionAbortableError || isFatal(cause)) return cause
  return new TransactionAbortableError(cause.code, `The transaction must be aborted. ${cause.message}`, {
    hint: 'Call abort(), rewind the consumer with seekToCommitted(), and try again in a new transaction.',
    cause,
    facts: cause.facts,
    errorCode: cause.errorCode,
  })
}

export function fatalError(cause: RivvenError): RivvenError {
  if (isFatal(cause)) return cause
  const details = { fatal: true, cause, facts: cause.facts, errorCode: cause.errorCode }
  const isFenced = cause.errorCode === ErrorCode.PRODUCER_FENCED || cause.errorCode === ErrorCode.INVALID_PRODUCER_EPOCH
  if (isFenced) {
    const hint =
      'A newer producer has this transactionalId, or the transaction lasted longer than transactionTimeoutMs. Close this producer.'
    return new ProducerFencedError('PRODUCER_FENCED', `This producer is fenced. ${cause.message}`, { ...details, hint })
  }
  const hint = 'Close it and make a new one.'
  return new TransactionFatalError(cause.code, `This producer cannot go on. ${cause.message}`, { ...details, hint })
}

function isFatal(error: RivvenError): boolean {
  return error instanceof TransactionFatalError || error instanceof ProducerFencedError
}

export function wrongState(text: string, hint: string): RivvenError {
  return new RivvenError('INVALID_STATE', text, { hint })
}
