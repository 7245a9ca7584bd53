import { type Address, type Runtime, TlsError } from '@rivven/runtime'
import { addressText } from '../address.js'
import { Connection } from '../connection/connection.js'
import { openedTooLate } from '../connection/connection-ended.js'
import { isTlsAlert, tlsFailed } from '../connection/tls-failed.js'
import { RivvenError } from '../errors/errors.js'
import type { Logger } from '../logger.js'
import type { Security } from '../security/security.js'
import type { EarlyEnds } from './early-ends.js'
import { negotiate } from './handshake.js'
import type { LiveConnection } from './live-connection.js'
import { logIn } from './login.js'

/** How connections are opened, all of a client. */
export interface OpeningOptions {
  runtime: Runtime
  logger: Logger
  security: Security
  clientId: string
  /** For everything until the connection can be used. */
  connectTimeoutMs: number
  requestTimeoutMs: number
  maxResponseBytes: number
}

export interface Opening {
  broker: number
  address: Address
  ends: EarlyEnds
  /** Whether a peer that ends connections early may mean it: this client has never spoken with its cluster. */
  mayBeMeant: () => boolean
  /** It is there, and not to be used yet. */
  onOpened: (connection: Connection) => void
  onClosed: (connection: Connection, reason: RivvenError) => void
}

/** TCP, TLS, the versions that the broker speaks, login: then it can be used. */
export async function openConnection(options: OpeningOptions, opening: Opening): Promise<LiveConnection> {
  const { runtime, logger, security, clientId, connectTimeoutMs, requestTimeoutMs, maxResponseBytes } = options
  const { broker, address, onOpened, onClosed } = opening
  const { clock } = runtime
  const deadline = clock.monotonic() + connectTimeoutMs
  let connection: Connection | undefined
  try {
    const tls = await security.tls()
    connection = await Connection.open({
      runtime,
      logger,
      address,
      tls,
      clientId,
      connectTimeoutMs,
      maxFrameBytes: maxResponseBytes,
      maxThrottleMs: requestTimeoutMs,
      explainEnd: (answers, error) => explained(opening, security, answers, error),
      onClosed: (reason) => connection && onClosed(connection, reason),
    })
    onOpened(connection)
    const offer = await negotiate(connection, Math.max(1, deadline - clock.monotonic()))
    const live: LiveConnection = { broker, connection, loginDueAt: Number.POSITIVE_INFINITY, ...offer }
    const { mechanism } = security
    if (mechanism) await logIn(live, { mechanism, clock, random: runtime.random, deadline })
    return live
  } catch (error) {
    connection?.close()
    if (isHandshakeEnd(error)) throw opening.ends.inHandshake(opening.mayBeMeant())
    throw isUnanswered(error) ? openedTooLate(error, connectTimeoutMs) : error
  }
}

function isUnanswered(error: unknown): error is RivvenError {
  return error instanceof RivvenError && error.code === 'TIMED_OUT' && error.facts.api !== undefined
}

/** What is known of an end that the peer has made, and did not explain. */
function explained(
  { address, ends, mayBeMeant }: Opening,
  { isEncrypted, mechanism }: Security,
  answers: number,
  error: Error | undefined,
): RivvenError | undefined {
  if (answers === 0) {
    if (isTlsAlert(error)) return tlsFailed(addressText(address), error)
    return isEncrypted ? ends.afterHandshake(mayBeMeant()) : ends.beforeAnswer()
  }
  return answers === 1 && mechanism === null ? ends.atFirstRequest(!error && mayBeMeant()) : undefined
}

/** The connection broke in the middle of it, without an alert: what the operating system says is about TCP, not TLS. */
function isHandshakeEnd(error: unknown): boolean {
  const { cause } = Object(error) as { cause?: unknown }
  return cause instanceof TlsError && /^E(?!PROTO$)[A-Z]+$/.test(cause.code ?? '')
}
