import { type ReadonlySignal, signal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { ask, token } from '../api/call.js'
import { problemIn } from '../api/problem.js'
import { after, chance, type Timer, wallNow } from '../world/clock.js'
import { came, failed, isTriedAgain, type Loaded, nothingYet, pauseOf } from './loaded.js'

export interface Called<Answer> {
  readonly loaded: ReadonlySignal<Loaded<Answer>>
  /** Asks again, now. */
  again(): void
}

/**
 * Asks a call of the API while the component is there: once, or again so long after each answer. Tried again where it fails; not
 * asked while the tab is hidden.
 */
export function useCall<Answer>(path: string, everyMs: number | null = null): Called<Answer> {
  const loaded = useMemo(() => signal<Loaded<Answer>>(nothingYet), [])
  const asking = useRef<Asking<Answer> | undefined>(undefined)
  const bearer = token.value
  useEffect(() => {
    const mine = new Asking<Answer>(path, everyMs, loaded)
    asking.current = mine
    mine.now()
    return () => mine.end()
  }, [path, everyMs, bearer])
  return { loaded, again: () => asking.current?.now() }
}

class Asking<Answer> {
  readonly #path: string
  readonly #everyMs: number | null
  readonly #loaded: { value: Loaded<Answer> }
  readonly #seen = (): void => {
    if (!document.hidden && this.#isDue) this.now()
  }
  #abort: AbortController | undefined
  #timer: Timer | undefined
  #failures = 0
  #isDue = false

  constructor(path: string, everyMs: number | null, loaded: { value: Loaded<Answer> }) {
    this.#path = path
    this.#everyMs = everyMs
    this.#loaded = loaded
    document.addEventListener('visibilitychange', this.#seen)
  }

  now(): void {
    this.#stop()
    void this.#ask(new AbortController())
  }

  end(): void {
    this.#stop()
    document.removeEventListener('visibilitychange', this.#seen)
  }

  #stop(): void {
    this.#timer?.cancel()
    this.#abort?.abort()
    this.#abort = undefined
    this.#isDue = false
  }

  async #ask(abort: AbortController): Promise<void> {
    this.#abort = abort
    const pauseMs = await ask<Answer>(this.#path, { signal: abort.signal }).then(
      (answer) => this.#came(answer, abort),
      (error: unknown) => this.#failed(error, abort),
    )
    if (this.#abort === abort && pauseMs !== null) this.#timer = after(pauseMs, () => this.#due())
  }

  #due(): void {
    this.#isDue = true
    this.#seen()
  }

  #came(answer: Answer, abort: AbortController): number | null {
    if (this.#abort !== abort) return null
    this.#failures = 0
    this.#loaded.value = came(answer, wallNow())
    return this.#everyMs
  }

  #failed(error: unknown, abort: AbortController): number | null {
    if (this.#abort !== abort) return null
    this.#failures += 1
    const problem = problemIn(error)
    const pauseMs = isTriedAgain(problem) ? pauseOf(this.#failures, chance()) : null
    const at = wallNow()
    this.#loaded.value = failed(this.#loaded.value, problem, { at, nextTryAt: pauseMs === null ? null : at + pauseMs })
    return pauseMs
  }
}
