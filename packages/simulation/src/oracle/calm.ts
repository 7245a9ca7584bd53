import type { Seen, Timed } from '../history/history.js'

/** How long what went wrong may show, in milliseconds. */
const aftermathMs = 3_000

/** Clocks may jump: no promise depends on them. */
const ofClocks = /^fault: clock/

/** Tells when nothing but the members themselves decides what happens: for promises that hold only then. */
export class Calm {
  readonly #harmless: RegExp
  #disturbedUntil = 0

  /** `harmless`: faults that count for nothing. */
  constructor(harmless = ofClocks) {
    this.#harmless = harmless
  }

  /** Whether this event disturbs it. */
  isDisturbedBy(event: Timed<Seen>): boolean {
    const isFault = event.kind === 'note' && event.text.startsWith('fault') && !this.#harmless.test(event.text)
    const disturbs = isFault || event.kind === 'disk' || event.kind === 'broker'
    if (disturbs) this.#disturbedUntil = event.at + aftermathMs
    return disturbs
  }

  isOver(at: number): boolean {
    return at >= this.#disturbedUntil
  }
}
