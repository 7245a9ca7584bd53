import { errorOf } from '@rivven/protocol'
import { authorizationFacts, isAuthorizationFailure } from './authorization-failed.js'
import type { ErrorFacts } from './error-facts.js'

export type { ErrorFacts }

export interface ErrorDetails {
  /** The same call may succeed when it is made again. Default false. */
  retriable?: boolean
  /** The client that threw it cannot go on; make a new one. Default false. */
  fatal?: boolean
  /** What to do about it, in one sentence. */
  hint?: string
  cause?: unknown
  facts?: ErrorFacts
  /** Number of the error in Kafka's protocol, where a broker sent one. */
  errorCode?: number
}

/**
 * Every error that the client throws. `code` is the name of Kafka's error (`UNKNOWN_TOPIC_OR_PARTITION`) or one of the
 * client's own: `CONNECTION_CLOSED`, `CONNECTION_FAILED`, `TIMED_OUT`, `ABORTED`, `CLIENT_CLOSED`, `INVALID_ARGUMENT`,
 * `INVALID_RESPONSE`, `UNSUPPORTED_BY_BROKER`, `NO_BROKER_REACHABLE`, `BUFFER_FULL`, `AUTHENTICATION_FAILED`,
 * `UNSUPPORTED_MECHANISM`, `TLS_FAILED`. AUTHORIZATION_FAILED stands for all of Kafka's that say that this user may not do it.
 */
export class RivvenError extends Error {
  readonly code: string
  readonly retriable: boolean
  readonly fatal: boolean
  readonly hint: string | undefined
  readonly facts: Readonly<ErrorFacts>
  /** Number of the error in Kafka's protocol; absent for the client's own errors. */
  readonly errorCode: number | undefined

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(details.hint === undefined ? message : `${message} ${details.hint}`, { cause: details.cause })
    this.name = new.target.name
    this.code = code
    this.retriable = details.retriable ?? false
    this.fatal = details.fatal ?? false
    this.hint = details.hint
    this.facts = details.facts ?? {}
    this.errorCode = details.errorCode
  }

  /** For logs: `JSON.stringify` leaves out the message of an Error. */
  toJSON(): object {
    const { name, code, message, retriable, fatal, facts, errorCode } = this
    return { name, code, message, retriable, fatal, facts, errorCode }
  }
}

/** The message without the hint at its end. */
export function textOf({ message, hint = '' }: RivvenError): string {
  return message.slice(0, message.length - hint.length).trimEnd()
}

/** A record or batch is larger than the broker, the topic or this producer takes. */
export class RecordTooLargeError extends RivvenError {}

/** The group is rebalancing, for longer than the call could wait. */
export class RebalanceInProgressError extends RivvenError {}

/** Offsets were not committed because this consumer does not own the partitions (any more). */
export class CommitFailedError extends RivvenError {}

/** Another instance took this one's place (same instance id or newer epoch); this one must stop. */
export class FencedError extends RivvenError {}

/**
 * No broker could be reached for as long as `unreachableTimeoutMs` says, or at once where waiting is of no use. The message and `cause` say what stands in the way:
 * the connection was refused, there is no such host, the port speaks something else.
 */
export class NoBrokerReachableError extends RivvenError {}

/** What to do about errors that people meet often. */
const hints: Readonly<Record<string, string>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'Check its name, or create it first.',
  LEADER_NOT_AVAILABLE: 'An election is going on; it can be tried again.',
  MESSAGE_TOO_LARGE: 'Send smaller records or raise max.message.bytes of the topic.',
  INVALID_TOPIC_EXCEPTION: 'Names have 1 to 249 characters of a-z, A-Z, 0-9, ".", "_" and "-".',
  NON_EMPTY_GROUP: 'Stop its members first.',
  SECURITY_DISABLED: 'The broker has no authorizer: authorizer_class_name, Kafka’s authorizer.class.name.',
  NOT_ENOUGH_REPLICAS: 'Fewer replicas are in sync than min.insync.replicas asks for.',
}

/**
 * Makes the error for a code that a broker sent; `what` says what was being done (`Producing to orders/3`). The operation among
 * the facts is what a user would have to be allowed to do: it stays only where that is what the error says.
 */
export function errorFromCode(code: number, what: string, details: Omit<ErrorDetails, 'errorCode'> = {}): RivvenError {
  const kafka = errorOf(code)
  const message = `${what} failed: ${kafka.name} (${code}), ${kafka.message}`
  const text = /[.!?]$/.test(message) ? message : `${message}.`
  if (isAuthorizationFailure(code)) return notAllowed(code, text, details)
  const { operation: _, ...facts } = details.facts ?? {}
  return new (classFor(kafka.name))(kafka.name, text, {
    retriable: kafka.retriable,
    ...details,
    hint: details.hint ?? hints[kafka.name],
    facts,
    errorCode: code,
  })
}

/** Kafka has a code for each kind of resource; here it is a fact. */
function notAllowed(code: number, text: string, details: ErrorDetails): RivvenError {
  const about = authorizationFacts(code, details.facts ?? {})
  return new RivvenError('AUTHORIZATION_FAILED', text, { retriable: false, ...details, ...about, errorCode: code })
}

function classFor(name: string): typeof RivvenError {
  switch (name) {
    case 'MESSAGE_TOO_LARGE':
    case 'RECORD_LIST_TOO_LARGE':
      return RecordTooLargeError
    case 'REBALANCE_IN_PROGRESS':
      return RebalanceInProgressError
    case 'PRODUCER_FENCED':
    case 'INVALID_PRODUCER_EPOCH':
    case 'FENCED_INSTANCE_ID':
    case 'FENCED_MEMBER_EPOCH':
      return FencedError
    default:
      return RivvenError
  }
}

/** The error as a RivvenError: itself, or wrapped as an error that cannot be retried. */
export function asRivvenError(error: unknown, what: string): RivvenError {
  if (error instanceof RivvenError) return error
  const text = error instanceof Error ? error.message : String(error)
  return new RivvenError('UNEXPECTED', `${what} failed: ${text}`, { cause: error })
}

export function isRetriable(error: unknown): boolean {
  return error instanceof RivvenError && error.retriable
}
