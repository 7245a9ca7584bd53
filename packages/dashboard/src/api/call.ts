import { signal } from '@preact/signals'
import type { ApiAnswers } from '@rivven/broker'
import { ApiError, notOurs, type Problem, unreachable } from './problem.js'

/** How long an answer may take: resets wait for members as long as they were given. */
const usualMs = 20_000

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  /** JSON, of a call that changes something. */
  readonly body?: object
  readonly lastsMs?: number
  readonly signal?: AbortSignal
}

/** A bearer token, where one logs in with one: in memory alone, and gone with the page. */
export const token = signal('')

/** Calls of docs/api.md, relative to where the page lies: `ask('api/meta')`. Throws an ApiError. */
export async function ask<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
  const response = await send(path, options)
  const body = await jsonOf(response)
  if (!response.ok) throw new ApiError(isProblem(body) ? body : notOurs(response.status))
  return body as Answer
}

/** The same for what is no JSON: the bytes of a value. */
export async function askBytes(path: string): Promise<Uint8Array> {
  const response = await send(path, {})
  if (response.ok) return new Uint8Array(await response.arrayBuffer())
  const body = await jsonOf(response)
  throw new ApiError(isProblem(body) ? body : notOurs(response.status))
}

/** Sends a request with all that changes demand; throws an ApiError where nobody answers. */
async function send(path: string, options: CallOptions): Promise<Response> {
  const { method = 'GET', body, lastsMs = 0 } = options
  const deadline = AbortSignal.timeout(usualMs + lastsMs)
  const headers = { ...loginHeaders(), ...(method !== 'GET' && changeHeaders) }
  try {
    return await fetch(urlOf(path), {
      method,
      headers,
      signal: options.signal ? AbortSignal.any([deadline, options.signal]) : deadline,
      ...(body && { body: JSON.stringify(body) }),
    })
  } catch (error) {
    options.signal?.throwIfAborted()
    throw new ApiError({ ...unreachable(), ...(deadline.aborted && { detail: `No answer in time: ${String(error)}` }) })
  }
}

const changeHeaders = { 'content-type': 'application/json', 'x-rivven-action': '1' }

export function loginHeaders(): Record<string, string> {
  const bearer = token.peek()
  return bearer === '' ? {} : { authorization: `Bearer ${bearer}` }
}

/** Any prefix of a proxy is kept. */
export function urlOf(path: string): string {
  return new URL(path, document.baseURI.replace(/#.*$/, '')).href
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    throw new ApiError(notOurs(response.status))
  }
}

export function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body
}

/** Whom one is talking to, and what is to be had there; undefined: not known yet. */
export const meta = signal<ApiAnswers.Meta | undefined>(undefined)
