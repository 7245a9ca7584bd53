import { RivvenError, SeveralFailedError } from '@rivven/client'
import { ConfigError } from '@rivven/config'
import { CommanderError } from 'commander'
import { AboveThresholdError } from './lag/threshold.js'
import { OutputError } from './terminal/output-queue.js'

/** What a user can mend: said in one sentence, without a stack. */
export class UsageError extends Error {}

/** Exit statuses: 0 done, 1 it failed, 2 the command line was wrong, 3 the user may not do that, 8 a group is too far behind. */
export function exitStatusOf(error: unknown): number {
  if (isReaderGone(error)) return 0
  if (isForbidden(error)) return 3
  if (error instanceof AboveThresholdError) return 8
  return error instanceof UsageError || error instanceof CommanderError || isMisconfigured(error) ? 2 : 1
}

/** Also where only a part of what was wanted is, or where it is what stands behind the sentence that is told. */
export function isForbidden(error: unknown): boolean {
  if (error instanceof SeveralFailedError) return error.errors.some(isForbidden)
  if (error instanceof RivvenError && error.code === 'AUTHORIZATION_FAILED') return true
  return error instanceof Error && error.cause !== undefined && isForbidden(error.cause)
}

/** What the command line, rivven.yaml or the environment says makes no sense: not what a broker says of a topic's configs. */
function isMisconfigured(error: unknown): boolean {
  if (error instanceof ConfigError) return true
  const codes = ['INVALID_CONFIG', 'INVALID_ARGUMENT']
  return error instanceof RivvenError && codes.includes(error.code) && error.errorCode === undefined
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
