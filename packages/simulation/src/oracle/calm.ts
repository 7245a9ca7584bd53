import type { Seen, Timed } from '../history/history.js'

/** How long what went wrong may show, in milliseconds. */
const aftermathMs = 3_000

/** Tells when nothing but the members themselves decides what happens: for promises that hold only then. */
export class Calm {
  #disturbedUntil = 0

  /** Whether this event disturbs it. Clocks may jump: no promise depends on them. */
  isDisturbedBy(event: Timed<Seen>): boolean {
    const isFault = event.kind === 'note' && event.text.startsWith('fault') && !event.text.startsWith('fault: clock')
    const disturbs = isFault || event.kind === 'disk' || event.kind === 'broker'
    if (disturbs) this.#disturbedUntil = event.at + aftermathMs
    return disturbs
  }

  isOver(at: number): boolean {
    return at >= this.#disturbedUntil
  }
}
