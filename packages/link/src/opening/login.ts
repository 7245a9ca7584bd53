import { type Api, ErrorCode, type ResponseOf, SaslAuthenticate, SaslHandshake } from '@rivven/protocol'
import type { Clock, Random } from '@rivven/runtime'
import { addressText } from '../address.js'
import type { Outgoing } from '../connection/connection.js'
import { RivvenError } from '../errors/errors.js'
import { isDoneBy } from '../retry/deadline.js'
import { SaslError, type SaslMechanism } from '../security/sasl/sasl-client.js'
import type { LiveConnection } from './live-connection.js'
import { chooseVersion } from './versions.js'

export interface LoginParts {
  mechanism: SaslMechanism
  clock: Clock
  random: Random
  /** When it must be done, as a monotonic time. */
  deadline: number
}

/**
 * Logs in on a connection that is new, or whose session ends (KIP-368). Nothing else may be sent on it before this has
 * resolved: brokers close a connection on which anything stands between SaslHandshake and the last SaslAuthenticate.
 */
export async function logIn(live: LiveConnection, parts: LoginParts): Promise<void> {
  const { mechanism, clock, random } = parts
  const attempt = mechanism.attempt()
  // First, for it may have to be asked for elsewhere, while the broker waits for nothing yet.
  let message: Buffer | null = await inTime(attempt.begin(), live, parts)
  const beganAt = clock.monotonic()
  const { errorCode, mechanisms } = await call(live, SaslHandshake, { mechanism: mechanism.name }, parts)
  if (errorCode !== ErrorCode.NONE) throw mechanismRefused(live, mechanism.name, errorCode, mechanisms)
  let lifetimeMs = 0
  while (message !== null) {
    const answer: ResponseOf<typeof SaslAuthenticate> = await call(
      live,
      SaslAuthenticate,
      { authBytes: message },
      parts,
    )
    if (answer.errorCode !== ErrorCode.NONE) throw refused(live, mechanism.name, answer)
    lifetimeMs = answer.sessionLifetimeMs
    try {
      message = await inTime(attempt.answer(answer.authBytes), live, parts)
    } catch (error) {
      throw error instanceof SaslError ? distrusted(live, mechanism.name, error) : error
    }
  }
  // Somewhere in the last part of the session's life, so that all connections do not come at once.
  live.loginDueAt = lifetimeMs > 0 ? beganAt + lifetimeMs * (0.85 + 0.1 * random.next()) : Number.POSITIVE_INFINITY
}

function call<A extends Api>(
  live: LiveConnection,
  api: A,
  request: Outgoing<A>,
  { clock, deadline }: LoginParts,
): Promise<ResponseOf<A>> {
  const timeoutMs = Math.max(1, deadline - clock.monotonic())
  return live.connection.call(api, chooseVersion(live, api), request, { timeoutMs })
}

async function inTime<T>(
  work: Promise<T>,
  live: LiveConnection,
  { mechanism, clock, deadline }: LoginParts,
): Promise<T> {
  if (await isDoneBy(work, deadline, clock)) return work
  const where = addressText(live.connection.address)
  throw new RivvenError('TIMED_OUT', `Logging in to ${where} took longer than connectTimeoutMs.`, {
    retriable: true,
    facts: factsOf(live, mechanism.name),
  })
}

function mechanismRefused(
  live: LiveConnection,
  mechanism: string,
  errorCode: number,
  offered: readonly string[],
): RivvenError {
  const where = addressText(live.connection.address)
  const details = { errorCode, facts: { ...factsOf(live, mechanism), mechanisms: offered } }
  if (errorCode === ErrorCode.ILLEGAL_SASL_STATE) {
    const hint = 'Leave sasl out, or give the address of a listener with SASL.'
    return new RivvenError('UNSUPPORTED_MECHANISM', `The listener at ${where} takes no logins.`, { ...details, hint })
  }
  const has = offered.length > 0 ? `It has ${offered.join(', ')}.` : 'It names none that it has.'
  return new RivvenError('UNSUPPORTED_MECHANISM', `The broker at ${where} does not take ${mechanism}.`, {
    ...details,
    hint: `${has} Choose one of them as sasl.mechanism.`,
  })
}

function refused(
  live: LiveConnection,
  mechanism: string,
  { errorCode, errorMessage }: { errorCode: number; errorMessage: string | null },
): RivvenError {
  const said = errorMessage ? `: ${oneLine(errorMessage)}` : ''
  const text = `The broker at ${addressText(live.connection.address)} refused the login with ${mechanism}${said}`
  return new RivvenError('AUTHENTICATION_FAILED', /[.!?]$/.test(text) ? text : `${text}.`, {
    errorCode,
    hint: hintFor(mechanism),
    facts: factsOf(live, mechanism),
  })
}

function hintFor(mechanism: string): string {
  return mechanism === 'OAUTHBEARER'
    ? 'Look at the claims of the token: iss and aud must be what the broker expects, exp must be to come, and its key known to the broker.'
    : 'Check the credentials in sasl, and that the broker knows them for this mechanism.'
}

/** The broker is at fault, or it is not the one that it should be. */
function distrusted(live: LiveConnection, mechanism: string, cause: SaslError): RivvenError {
  const text = `The login with ${mechanism} at ${addressText(live.connection.address)} was broken off: ${cause.message}.`
  return new RivvenError('AUTHENTICATION_FAILED', text, { cause, facts: factsOf(live, mechanism) })
}

function factsOf({ broker, connection }: LiveConnection, mechanism: string) {
  return { address: addressText(connection.address), mechanism, ...(broker >= 0 && { broker }) }
}

/** What a broker says is not trusted yet. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
  return text.slice(0, 300).replaceAll(/[\x00-\x1f\x7f-\x9f]+/g, ' ')
}
