import { descriptorSentence, TlsError } from '@rivven/runtime'
import { NoBrokerReachableError, RivvenError } from '../errors.js'
import { foreignProtocol } from './foreign-protocol.js'
import type { FrameSizeError } from './frame-reader.js'
import { isLastingRefusal, loginRefusedIn } from './lasting-refusals.js'
import { tlsFailed } from './tls-failed.js'

/** What the operating system says, in words. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused, nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up at present',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ECONNRESET: 'the connection was reset',
}

/** A connection was not opened. */
export function connectionFailed(where: string, cause: unknown): RivvenError {
  if (cause instanceof TlsError) return tlsFailed(where, cause)
  const text = `Connecting to ${where} failed: ${descriptorSentence(cause) ?? reasonOf(cause)}.`
  return new RivvenError('CONNECTION_FAILED', text, { retriable: true, cause, facts: { address: where } })
}

/** What to do about a port where something else listens. */
const otherPorts: Readonly<Record<string, string>> = {
  HTTP: 'Give the port for clients, 9092 as a rule.',
  SSH: 'Give the port for clients, 9092 as a rule.',
  TLS: 'Give ssl, or the port of a listener without TLS.',
}

/** The other end speaks another protocol, going by its first bytes; undefined: it may be a broker. */
export function speaksOther(where: string, cause: FrameSizeError): RivvenError | undefined {
  const protocol = foreignProtocol(cause.size)
  if (protocol === undefined) return undefined
  const hint = otherPorts[protocol]
  const text = `${where} speaks ${protocol}, not Kafka's protocol.`
  return new RivvenError('INVALID_RESPONSE', text, { hint, cause, facts: { address: where } })
}

export function noAnswer(where: string, waitedMs: number): RivvenError {
  const text = `Connecting to ${where} took longer than ${Math.round(waitedMs)} ms.`
  return new RivvenError('CONNECTION_FAILED', text, { retriable: true, facts: { address: where } })
}

/** The refusal that people have to mend: TLS may fit elsewhere, but a login is the same at all brokers. */
export function refusalAmong(failures: Iterable<RivvenError>): RivvenError | undefined {
  const errors = [...failures]
  return loginRefusedIn(errors) ?? (errors.every(isLastingRefusal) ? errors[0] : undefined)
}

/**
 * Nobody was reached, of all that were tried, by their addresses. It is of no use to go on when none of them is there by name
 * or speaks Kafka's protocol: that ends a call at once, as a NoBrokerReachableError. `wasReached`: this client has spoken
 * with the cluster before; then its address is right, and what is there now (no name, a page of a proxy) passes.
 */
export function nobodyReachable(failures: ReadonlyMap<string, RivvenError>, wasReached: boolean): RivvenError {
  const addresses = [...failures.keys()]
  const errors = [...failures.values()]
  const text = `No broker could be reached at ${addresses.join(', ')}. ${errors.map(({ message }) => message).join(' ')}`
  const isEnd = !wasReached && errors.every(isWrongAddress)
  return new (isEnd ? NoBrokerReachableError : RivvenError)('NO_BROKER_REACHABLE', text, {
    retriable: !isEnd,
    hint: errors.some(({ cause }) => descriptorSentence(cause))
      ? 'Close producers, consumers and files that are not used any more.'
      : 'Check bootstrapServers, and that a broker runs there.',
    cause: errors.find(isLasting) ?? errors[errors.length - 1],
    facts: { addresses, wasReached },
  })
}

/** Nothing but another address helps. */
function isWrongAddress(error: RivvenError): boolean {
  return !error.retriable || codeOf(error.cause) === 'ENOTFOUND'
}

/** Somebody has to start a broker or write another address. */
function isLasting(error: RivvenError): boolean {
  return isWrongAddress(error) || codeOf(error.cause) === 'ECONNREFUSED'
}

function reasonOf(error: unknown): string {
  const code = codeOf(error)
  const words = code === undefined ? undefined : reasons[code]
  if (words !== undefined) return `${words} (${code})`
  const text = error instanceof Error ? error.message : String(error)
  return text || (code ?? 'for no known reason')
}

/** A name with several addresses fails with an AggregateError, which has the code and no message. */
function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : undefined
}
