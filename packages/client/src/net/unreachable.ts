import { isLastingRefusal, NoBrokerReachableError, RivvenError, standsFor } from '@rivven/link'
import { descriptorSentence } from '@rivven/runtime'

/** Brokers share their users: what one refuses, the others would, too. */
export function loginRefusedIn(errors: Iterable<RivvenError>): RivvenError | undefined {
  for (const error of errors) if (isLastingRefusal(error) && error.code !== 'TLS_FAILED') return error
  return undefined
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
  const error = new (isEnd ? NoBrokerReachableError : RivvenError)('NO_BROKER_REACHABLE', text, {
    retriable: !isEnd,
    hint: errors.some(({ cause }) => descriptorSentence(cause))
      ? 'Close producers, consumers and files that are not used any more.'
      : 'Check bootstrapServers, and that a broker runs there.',
    cause: errors.find(isLasting) ?? errors[errors.length - 1],
    facts: { addresses, wasReached },
  })
  return standsFor(error, errors)
}

/** Nothing but another address helps. */
function isWrongAddress(error: RivvenError): boolean {
  return !error.retriable || hasCode(error.cause, 'ENOTFOUND')
}

/** Somebody has to start a broker or write another address. */
function isLasting(error: RivvenError): boolean {
  return isWrongAddress(error) || hasCode(error.cause, 'ECONNREFUSED')
}

function hasCode(cause: unknown, code: string): boolean {
  return Object(cause).code === code
}
