import type { Clock, Timer } from '@rivven/runtime'
import { sentenceOf } from '../failure.js'
import type { Key, Screen } from '../terminal/screen.js'
import { draw } from './draw.js'
import type { Look } from './look.js'
import { enterScreen, leaveScreen, painted } from './picture.js'
import { pressed, stateAtFirst, type WatchState } from './watch-state.js'

export interface WatchParts {
  readonly clock: Clock
  readonly screen: Screen
  readonly look: Look
  /** The group that is looked at from the start; null: all are. */
  readonly groupId: string | null
  /** Aborted when the user asks to stop. */
  readonly stop: AbortSignal
}

/** Draws what is looked at, again and again, until somebody presses `q` or asks to stop. */
export class Watch {
  readonly #parts: WatchParts
  #state: WatchState
  #timer: Timer | undefined
  #isLooking = false
  #isOver = false
  #end: () => void = () => undefined

  constructor(parts: WatchParts) {
    this.#parts = parts
    this.#state = stateAtFirst(parts.groupId)
  }

  async run(): Promise<void> {
    const { screen, stop } = this.#parts
    const ended = new Promise<void>((resolve) => {
      this.#end = resolve
    })
    stop.addEventListener('abort', this.#end)
    if (stop.aborted) this.#end()
    screen.write(enterScreen)
    const deafen = screen.listen(
      (key) => this.#press(key),
      () => this.#paint(),
    )
    try {
      this.#paint()
      void this.#look()
      await ended
    } finally {
      this.#isOver = true
      this.#timer?.cancel()
      stop.removeEventListener('abort', this.#end)
      deafen()
      screen.write(leaveScreen)
    }
  }

  #press(key: Key): void {
    const before = this.#state
    const state = pressed(before, key)
    if (state === undefined) {
      this.#end()
      return
    }
    this.#state = state
    this.#paint()
    // What was asked for is looked at at once, also where time stands still.
    if (state.opened !== before.opened || state.sort !== before.sort || (before.isPaused && !state.isPaused))
      void this.#look()
  }

  #paint(): void {
    const { screen, clock } = this.#parts
    const size = screen.size()
    screen.write(painted(draw(this.#state, size, clock.now()), size))
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    this.#timer?.cancel()
    const { opened, sort } = this.#state
    await this.#see()
    this.#isLooking = false
    if (this.#isOver) return
    this.#paint()
    const isAsked = opened !== this.#state.opened || sort !== this.#state.sort
    if (isAsked) return this.#look()
    this.#wait()
  }

  /** Where time stands still, how long ago that was goes on. */
  #wait(): void {
    const { clock, look } = this.#parts
    this.#timer = clock.setTimer(look.everyMs, () => {
      if (this.#state.isPaused) {
        this.#paint()
        this.#wait()
      } else void this.#look()
    })
  }

  /** What fails is shown and tried again: whoever watches a cluster wants to see it come back. */
  async #see(): Promise<void> {
    const { look, clock } = this.#parts
    const { opened, sort } = this.#state
    try {
      const seen = opened === null ? await look.list(sort) : { view: await look.group(opened) }
      if (opened !== this.#state.opened) return
      const isGone = opened !== null && 'view' in seen && seen.view === null
      this.#state = { ...this.#state, ...seen, seenAt: clock.now(), trouble: isGone ? 'there is no such group' : null }
    } catch (error) {
      this.#state = { ...this.#state, trouble: sentenceOf(error) }
    }
  }
}
