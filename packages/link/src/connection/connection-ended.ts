import { RivvenError } from '../errors/errors.js'
import { foreignProtocol } from './foreign-protocol.js'
import { FrameSizeError } from './frame-reader.js'
import type { Pending } from './pending-requests.js'

/*
 * Why a connection that was open is so no longer, and what becomes of the requests on it. `where` is its address.
 */

/** The peer ended it, or something between us broke. */
export function connectionEnded(where: string, cause?: Error): RivvenError {
  const text = cause
    ? `The connection to ${where} broke: ${cause.message}.`
    : `The broker at ${where} ended the connection.`
  return new RivvenError('CONNECTION_CLOSED', text, { retriable: true, cause, facts: { address: where } })
}

/** Of the request that got no answer in time. */
export function tooLate(where: string, { api, timeoutMs }: Pending): RivvenError {
  const text = `${api.name} to ${where} got no answer within ${Math.round(timeoutMs)} ms.`
  return new RivvenError('TIMED_OUT', text, { retriable: true, facts: { api: api.name, address: where } })
}

/** The same on a connection that was being opened: the request had only what those before it had left of the time for all. */
export function openedTooLate({ code, facts }: RivvenError, connectTimeoutMs: number): RivvenError {
  const text = `Opening a connection: ${facts.api} to ${facts.address} got no answer within ${connectTimeoutMs} ms, all steps together.`
  return new RivvenError(code, text, { retriable: true, facts })
}

/** Of the others on the connection, which was closed for the one that is late. */
export function closedForLateness(where: string, { api }: Pending): RivvenError {
  const text = `The connection to ${where} was closed because ${api.name} got no answer in time.`
  return new RivvenError('CONNECTION_CLOSED', text, { retriable: true, facts: { api: api.name, address: where } })
}

/** What came is no answer; `problem` says what is wrong with it. */
export function invalidResponse(where: string, problem: string, cause: unknown): RivvenError {
  const other = cause instanceof FrameSizeError ? speaksOther(where, cause) : undefined
  if (other) return other
  const message = `The broker at ${where} sent bytes that make no sense: ${problem}. The connection was closed.`
  return new RivvenError('INVALID_RESPONSE', message, { retriable: true, cause, facts: { address: where } })
}

/** What to do about a port where something else listens. */
const otherPorts: Readonly<Record<string, string>> = {
  HTTP: 'Give the port for clients, 9092 as a rule.',
  SSH: 'Give the port for clients, 9092 as a rule.',
  TLS: 'Give ssl, or the port of a listener without TLS.',
}

/** The other end speaks another protocol, going by its first bytes; undefined: it may be a broker. */
function speaksOther(where: string, cause: FrameSizeError): RivvenError | undefined {
  const protocol = foreignProtocol(cause.size)
  if (protocol === undefined) return undefined
  const hint = otherPorts[protocol]
  const text = `${where} speaks ${protocol}, not Kafka's protocol.`
  return new RivvenError('INVALID_RESPONSE', text, { hint, cause, facts: { address: where } })
}
