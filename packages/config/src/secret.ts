const SHOWN = '[secret]'

/** A text that nobody may see: wherever it is printed, logged or sent as JSON stands `[secret]`. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** For whoever must have it: what it returns is no secret any more. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return SHOWN
  }

  toJSON(): string {
    return SHOWN
  }

  /** For util.inspect, and so for console.log and the errors of node:assert. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN
  }
}
