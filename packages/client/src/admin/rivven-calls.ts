import { RivvenError } from '@rivven/link'
import { RivvenCall, type RivvenCallResponse } from '@rivven/protocol'
import type { AdminCalls } from './calls.js'

export type CallMethod = 'GET' | 'POST' | 'DELETE'

export interface CallOptions {
  /** A JSON value. */
  body?: unknown
  /** Node id of the broker that is to answer; default: any, and the one that it names where another one knows. */
  broker?: number
  /** How long all of it may take, in milliseconds; default: as long as other calls. */
  timeoutMs?: number
  /**
   * Do not send it again where its answer got lost: what it changes may have been changed then, which the error says by not being
   * retriable. Default: false.
   */
  isSentOnce?: boolean
  /** Resolve to the bytes of the answer as they came, not to what they mean as JSON. Default: false. */
  asBytes?: boolean
}

/** What a broker of Rivven says by a path. Throws UNSUPPORTED_BY_BROKER elsewhere, and what the broker refuses by its code. */
export async function rivvenCall(
  calls: AdminCalls,
  method: CallMethod,
  path: string,
  { body, broker, timeoutMs = calls.timeoutMs, isSentOnce = false, asBytes = false }: CallOptions = {},
): Promise<unknown> {
  const request = { method, path, body: body === undefined ? null : Buffer.from(JSON.stringify(body)) }
  const what = `${method} ${path}`
  const ask = async (node: number | 'any') => {
    if (node !== 'any') await calls.cluster.metadata([])
    const answer = calls.cluster.send(node, RivvenCall, request, { timeoutMs })
    return isSentOnce ? answer.catch(asUndecided) : answer
  }
  return calls
    .within(timeoutMs)
    .retrying(what, async () => {
      const answer = await ask(broker ?? 'any')
      const elsewhere = broker === undefined ? namedBy(answer) : undefined
      const last = elsewhere === undefined ? answer : await ask(elsewhere)
      throwProblem(what, last, broker)
      return asBytes ? last.body : jsonIn(last.body)
    })
    .catch((error: unknown) => {
      throw isUnsupported(error) ? notOfRivven(what, error) : error
    })
}

/** The problem that a broker tells in place of an answer (RFC 9457). */
interface Problem {
  readonly code?: string
  readonly title?: string
  readonly detail?: string
  readonly hint?: string
  readonly broker?: { readonly id?: number }
}

/** Nobody knows whether it was done. */
function asUndecided(cause: unknown): never {
  const isLost = cause instanceof RivvenError && (cause.code === 'CONNECTION_CLOSED' || cause.code === 'TIMED_OUT')
  if (!isLost) throw cause
  const { code, message, facts } = cause
  throw new RivvenError(code, `${message} Whether it was done is not known.`, { cause, facts })
}

const elsewhereStatus = 421
/** The same call may go well in a moment. */
const passingStatuses: readonly number[] = [429, 503]
/** But not this one: it may have been done. */
const undecided = 'RESET_UNDECIDED'

/** The broker that answers instead. */
function namedBy({ status, body }: RivvenCallResponse): number | undefined {
  return status === elsewhereStatus ? (jsonIn(body) as Problem).broker?.id : undefined
}

/** Whoever names a `broker` means that one. */
function throwProblem(what: string, { status, body }: RivvenCallResponse, broker: number | undefined): void {
  if (status < 300) return
  const { code = 'INVALID_REQUEST', title = `status ${status}`, detail = title, hint } = Object(jsonIn(body)) as Problem
  const mayPass = passingStatuses.includes(status) && code !== undecided
  const retriable = mayPass || (status === elsewhereStatus && broker === undefined)
  throw new RivvenError(code, `${what} failed: ${detail}`, { retriable, hint, facts: { status } })
}

function jsonIn(body: Buffer | null): unknown {
  return body === null ? null : JSON.parse(Buffer.from(body).toString('utf8'))
}

function isUnsupported(error: unknown): error is RivvenError {
  return error instanceof RivvenError && error.code === 'UNSUPPORTED_BY_BROKER'
}

function notOfRivven(what: string, cause: RivvenError): RivvenError {
  const text = `${what} is not possible: the broker is not one of Rivven, or an earlier version of it.`
  return new RivvenError(cause.code, text, { cause, facts: cause.facts })
}
