import { descriptorSentence, TlsError } from '@rivven/runtime'
import { RivvenError } from '../errors/errors.js'
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
