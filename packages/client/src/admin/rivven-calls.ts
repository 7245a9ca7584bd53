import { RivvenError } from '@rivven/link'
import { RivvenCall } from '@rivven/protocol'
import type { AdminCalls } from './calls.js'

export interface CallOptions {
  /** A JSON value. */
  body?: unknown
  /** Node id of the broker that is to answer; default: any. */
  broker?: number
}

/** What a broker of Rivven says by a path. Throws UNSUPPORTED_BY_BROKER elsewhere, and what the broker refuses by its code. */
export async function rivvenCall(
  calls: AdminCalls,
  method: 'GET' | 'POST',
  path: string,
  { body, broker }: CallOptions = {},
): Promise<unknown> {
  const request = { method, path, body: body === undefined ? null : Buffer.from(JSON.stringify(body)) }
  const what = `${method} ${path}`
  const answer = await calls
    .retrying(what, async () => {
      if (broker !== undefined) await calls.cluster.metadata([])
      return calls.cluster.send(broker ?? 'any', RivvenCall, request)
    })
    .catch((error: unknown) => {
      throw isUnsupported(error) ? notOfRivven(what, error) : error
    })
  const value: unknown = answer.body === null ? null : JSON.parse(Buffer.from(answer.body).toString('utf8'))
  if (answer.status < 300) return value
  const { error = `status ${answer.status}`, code = 'INVALID_REQUEST' } = Object(value) as {
    error?: string
    code?: string
  }
  throw new RivvenError(code, `${what} failed: ${error}`, { facts: { status: answer.status } })
}

function isUnsupported(error: unknown): error is RivvenError {
  return error instanceof RivvenError && error.code === 'UNSUPPORTED_BY_BROKER'
}

function notOfRivven(what: string, cause: RivvenError): RivvenError {
  const text = `${what} is not possible: the broker is not one of Rivven, or an earlier version of it.`
  return new RivvenError(cause.code, text, { cause, facts: cause.facts })
}
