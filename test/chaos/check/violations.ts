/** What must not be, in sentences; the first ones are kept, all are counted. */
export class Violations {
  readonly #first: string[] = []
  count = 0

  add(sentence: string): void {
    this.count++
    if (this.#first.length < 50) this.#first.push(sentence)
  }

  get sentences(): readonly string[] {
    return this.#first
  }
}
