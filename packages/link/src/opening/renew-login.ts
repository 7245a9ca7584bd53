import { ErrorCode } from '@rivven/protocol'
import { isRetriable, RivvenError } from '../errors/errors.js'
import { isDoneBy } from '../retry/deadline.js'
import type { LiveConnection } from './live-connection.js'
import { logIn } from './login.js'
import type { OpeningOptions } from './open-connection.js'

/** Requests that are answered sooner are waited for, in milliseconds. A fetch is; who waits for members to join is not. */
const patienceMs = 1_000

/**
 * Logs in again on a connection whose session ends (KIP-368), when nothing waits for an answer there. False: another
 * connection must take its place, as something takes long, or the broker hung up. Rejects when the broker refuses us.
 */
export async function renewLogin(live: LiveConnection, options: OpeningOptions): Promise<boolean> {
  const { runtime, security, connectTimeoutMs } = options
  const { clock, random } = runtime
  const { mechanism } = security
  const { connection } = live
  if (!mechanism || !(await isDoneBy(connection.idle(), clock.monotonic() + patienceMs, clock))) return false
  if (!connection.isOpen) return false
  try {
    await logIn(live, { mechanism, clock, random, deadline: clock.monotonic() + connectTimeoutMs })
    return true
  } catch (error) {
    connection.close()
    if (isRetriable(error) || isTooSoon(error)) return false
    throw error
  }
}

/** Brokers let nobody log in twice within a second (KIP-368), however short their sessions are. */
function isTooSoon(error: unknown): boolean {
  return error instanceof RivvenError && error.errorCode === ErrorCode.ILLEGAL_SASL_STATE
}
