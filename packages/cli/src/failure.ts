import { RivvenError, SeveralFailedError } from '@rivven/client'
import { ConfigError } from '@rivven/config'
import { CommanderError } from 'commander'
import { OutputError } from './terminal/output-queue.js'

/** Why a command did not do what it was asked for, and the exit status that says so: of all commands alike (docs/cli.md). */
export const exitStatuses = {
  /** It failed in another way than those below. */
  failed: 1,
  /** The command line, rivven.yaml or the environment makes no sense. */
  usage: 2,
  /** Somebody said no at the prompt: nothing was done. */
  declined: 3,
  /** What it is about is not there. */
  absent: 4,
  /** The group has members. */
  occupied: 5,
  /** This user may not do it. */
  forbidden: 6,
  /** No answer came in time. */
  unanswered: 7,
  /** Something is above the threshold that the command line names. */
  above: 8,
} as const

export type FailureKind = keyof typeof exitStatuses

/** What a command ends with where it knows why: said in one sentence, without a stack. */
export class Failure extends Error {
  readonly kind: FailureKind

  constructor(kind: FailureKind, text: string, options?: ErrorOptions) {
    super(text, options)
    this.kind = kind
  }
}

/** What a user can mend on the command line. */
export class UsageError extends Failure {
  constructor(text: string, options?: ErrorOptions) {
    super('usage', text, options)
  }
}

export function exitStatusOf(error: unknown): number {
  return isReaderGone(error) ? 0 : exitStatuses[kindOf(error)]
}

/** Of the error itself, else of what stands behind it. */
export function kindOf(error: unknown): FailureKind {
  return knownKind(error) ?? 'failed'
}

function knownKind(error: unknown): FailureKind | undefined {
  if (error instanceof SeveralFailedError) return kindOfSeveral(error.errors.map(kindOf))
  const kind = ownKind(error)
  if (kind !== undefined && kind !== 'unanswered') return kind
  // Why something was tried in vain until its time was over says more than that it was.
  const behind = error instanceof Error && error.cause !== undefined ? knownKind(error.cause) : undefined
  return behind ?? kind
}

/** What is not allowed is most worth saying; where others failed in different ways, no more can be said than that. */
function kindOfSeveral(kinds: readonly FailureKind[]): FailureKind {
  if (kinds.includes('forbidden')) return 'forbidden'
  const [first = 'failed'] = kinds
  return kinds.every((kind) => kind === first) ? first : 'failed'
}

function ownKind(error: unknown): FailureKind | undefined {
  if (error instanceof Failure) return error.kind
  if (error instanceof CommanderError || error instanceof ConfigError) return 'usage'
  return error instanceof RivvenError ? (kindsOfCodes.get(error.code) ?? kindByFacts(error)) : undefined
}

/** Errors of brokers and of the client, by their codes. */
const kindsOfCodes: ReadonlyMap<string, FailureKind> = new Map([
  ...['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'OFFSET_OUT_OF_RANGE'].map(are('absent')),
  ...['GROUP_ID_NOT_FOUND', 'TRANSACTIONAL_ID_NOT_FOUND', 'RESOURCE_NOT_FOUND'].map(are('absent')),
  ...['NON_EMPTY_GROUP', 'GROUP_NOT_EMPTY', 'GROUP_SUBSCRIBED_TO_TOPIC'].map(are('occupied')),
  ...['AUTHORIZATION_FAILED'].map(are('forbidden')),
  ...['TIMED_OUT', 'REQUEST_TIMED_OUT'].map(are('unanswered')),
  // Other credentials help, not more time: also where those of an application would come anew, and ours are a file.
  ...['AUTHENTICATION_FAILED', 'UNSUPPORTED_MECHANISM', 'TLS_FAILED'].map(are('failed')),
])

function are(kind: FailureKind): (code: string) => [string, FailureKind] {
  return (code) => [code, kind]
}

/** What the JSON API refuses has a status of HTTP. */
const kindsOfStatuses: ReadonlyMap<unknown, FailureKind> = new Map([
  [403, 'forbidden'],
  [404, 'absent'],
  [429, 'unanswered'],
  [503, 'unanswered'],
])

function kindByFacts({ code, errorCode, retriable, facts }: RivvenError): FailureKind | undefined {
  // Where only another address helps, no time would have been enough.
  if (code === 'NO_BROKER_REACHABLE') return retriable ? 'unanswered' : 'failed'
  // Not what a broker says of a topic's configs.
  if ((code === 'INVALID_CONFIG' || code === 'INVALID_ARGUMENT') && errorCode === undefined) return 'usage'
  return kindsOfStatuses.get(facts.status)
}

/** Whoever reads our output has had enough (`| head`): that is no error. */
export function isReaderGone(error: unknown): boolean {
  return error instanceof OutputError && error.isReaderGone
}

/** One plain sentence about a failure: a RivvenError's message says what to do where that is known. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Error) return error.message
  return String(error)
}
