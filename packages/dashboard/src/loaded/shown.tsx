import { type ReadonlySignal, useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Problem } from '../api/problem.js'
import { duration } from '../text/format.js'
import { visible } from '../text/visible.js'
import { after } from '../world/clock.js'
import { moment } from '../world/moment.js'
import { type Fault, kindOf, type Loaded } from './loaded.js'
import { LoginForm } from './login-form.js'
import { NotReady } from './not-ready.js'

export interface ShownProps<Value> {
  readonly loaded: ReadonlySignal<Loaded<Value>>
  /** What it is, for those who wait: "groups". */
  readonly what: string
  /** Shown in place of the value where there is nothing in it: see `<Empty>`; null: there is. */
  empty?(value: Value): ComponentChildren | null
  /** Shown where the API says that there is no such thing. */
  gone?(problem: Problem): ComponentChildren
  children(value: Value): ComponentChildren
}

/** Every state of what was asked for: it loads, there is nothing, it cannot be had (with what was there, and its age), or it is here. */
export function Shown<Value>({ loaded, what, empty, gone, children }: ShownProps<Value>) {
  const { value, at, fault } = loaded.value
  if (fault && kindOf(fault.problem) === 'login') return <LoginForm problem={fault.problem} />
  if (fault && gone && kindOf(fault.problem) === 'gone') return <>{gone(fault.problem)}</>
  if (value === undefined) return fault ? <FaultBox fault={fault} /> : <Skeleton what={what} />
  return (
    <>
      {fault && <FaultBox fault={fault} at={at} />}
      <div class={fault ? 'stale' : undefined}>{empty?.(value) ?? children(value)}</div>
    </>
  )
}

/** Rows without anything, after 200 ms: what comes at once is not announced. */
export function Skeleton({ what }: { what: string }) {
  const isSeen = useSignal(false)
  useEffect(() => {
    const timer = after(200, () => {
      isSeen.value = true
    })
    return () => timer.cancel()
  }, [])
  if (!isSeen.value) return <div class="skeleton-room" />
  return (
    <div class="skeleton">
      <p role="status" class="unseen">
        Loading {what}…
      </p>
      {[0, 1, 2, 3, 4].map((line) => (
        <div key={line} class="bone" />
      ))}
    </div>
  )
}

/** What is wrong, since when, when it is tried again; and how old what is still shown is. */
export function FaultBox({ fault, at }: { fault: Fault; at?: number }) {
  const { problem, since, nextTryAt } = fault
  const now = moment.value
  const next = nextTryAt === null ? '' : ` Next try in ${duration(Math.max(0, Math.round((nextTryAt - now) / 1000)))}.`
  return (
    <section class="fault" role="alert">
      <h2>{problem.title}</h2>
      <p>{visible(problem.detail)}</p>
      {problem.hint !== undefined && <p>{problem.hint}</p>}
      {kindOf(problem) === 'not ready' && <NotReady />}
      <p class="dim">
        Since {duration(Math.max(0, Math.round((now - since) / 1000)))}.{next}
        {at !== undefined && ` What is shown is ${duration(Math.max(0, Math.round((now - at) / 1000)))} old.`}
      </p>
    </section>
  )
}
