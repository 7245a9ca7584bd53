import type { Problem } from '../api/problem.js'

/** What is known of something that the broker was asked for. What was there once stays while it cannot be had anew. */
export interface Loaded<Value> {
  /** Undefined: nothing has come yet. */
  readonly value: Value | undefined
  /** When it came, in ms since 1970. */
  readonly at: number
  /** Why it cannot be had at the moment. */
  readonly fault: Fault | undefined
}

export interface Fault {
  readonly problem: Problem
  /** Since when. */
  readonly since: number
  /** When it is tried again; null: it is not, because that would be answered in the same way. */
  readonly nextTryAt: number | null
}

export const nothingYet: Loaded<never> = { value: undefined, at: 0, fault: undefined }

export function came<Value>(value: Value, at: number): Loaded<Value> {
  return { value, at, fault: undefined }
}

/** Still the same fault: since it began. */
export function failed<Value>(
  before: Loaded<Value>,
  problem: Problem,
  { at, nextTryAt }: { readonly at: number; readonly nextTryAt: number | null },
): Loaded<Value> {
  const since = before.fault?.problem.code === problem.code ? before.fault.since : at
  return { ...before, fault: { problem, since, nextTryAt } }
}

const notReadyCodes = ['NOT_READY', 'LOADING', 'COORDINATOR_NOT_AVAILABLE', 'LEADER_NOT_AVAILABLE']
const loginCodes = ['LOGIN_NEEDED', 'LOGIN_FAILED']

/** What a page makes of a problem. */
export function kindOf({ code, status }: Problem): 'not ready' | 'login' | 'gone' | 'refused' | 'error' {
  if (notReadyCodes.includes(code)) return 'not ready'
  if (loginCodes.includes(code)) return 'login'
  if (status === 404) return 'gone'
  return status >= 400 && status < 500 && status !== 429 && status !== 408 ? 'refused' : 'error'
}

/** Would it be answered in the same way a moment later? What is gone may come back: a group that nobody has joined yet. */
export function isTriedAgain(problem: Problem): boolean {
  const kind = kindOf(problem)
  return kind !== 'login' && kind !== 'refused'
}

/** Milliseconds until the next try: twice as long each time, 30 s at most, and not all pages at once. */
export function pauseOf(failures: number, chance: number): number {
  const usual = Math.min(30_000, 1000 * 2 ** Math.min(failures - 1, 10))
  return Math.round(usual * (0.8 + 0.4 * chance))
}
