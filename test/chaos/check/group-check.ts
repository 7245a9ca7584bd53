import type { Violations } from './violations.js'

/** What one group did: it handles every record at least once, and its committed offsets never go back. */
export class GroupCheck {
  readonly #group: string
  readonly #violations: Violations
  readonly #handled = new Map<number, number>()
  readonly #committed = new Map<number, number>()

  constructor(group: string, violations: Violations) {
    this.#group = group
    this.#violations = violations
  }

  /** One of the members got this record to handle. */
  handled(partition: number, offset: number): void {
    const next = this.nextOf(partition)
    if (offset > next)
      this.#violations.add(`${this.#group} got offset ${offset} of partition ${partition} where ${next} was due`)
    this.#handled.set(partition, Math.max(next, offset + 1))
  }

  /** Behind what it has handled. */
  nextOf(partition: number): number {
    return this.#handled.get(partition) ?? 0
  }

  /** What the group's coordinator said; asked one time after the other. */
  committed(partition: number, offset: number): void {
    const before = this.#committed.get(partition) ?? 0
    if (offset < before)
      this.#violations.add(
        `${this.#group}: the committed offset of partition ${partition} went back from ${before} to ${offset}`,
      )
    this.#committed.set(partition, offset)
  }
}
