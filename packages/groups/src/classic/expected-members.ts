/** Who has not joined after so long does not come: admin clients ask for coordinators, too. */
const expectedForMs = 500
/** Strangers may ask for any name: beyond so many nobody is remembered. */
const mostExpected = 2_000

/**
 * Who asks for the coordinator of a group joins it next, most likely. It does so over another connection, so that only
 * counts tell how many are still to come. Soft state: it ends the wait of an empty group for more members early or late, and
 * nothing else.
 */
export class ExpectedMembers {
  /** When the coordinator of each group was asked for, monotonic, oldest first; without those that have come. */
  readonly #asked = new Map<string, number[]>()
  #count = 0

  expect(groupId: string, monotonic: number): void {
    if (this.#count >= mostExpected) for (const known of [...this.#asked.keys()]) this.#forgetLate(known, monotonic)
    if (this.#count >= mostExpected) return
    const asked = this.#asked.get(groupId)
    if (asked) asked.push(monotonic)
    else this.#asked.set(groupId, [monotonic])
    this.#count += 1
  }

  came(groupId: string): void {
    this.#drop(groupId, 1)
  }

  /** When the last one asked, if somebody is still to come. */
  lastAsked(groupId: string, monotonic: number): number | undefined {
    this.#forgetLate(groupId, monotonic)
    return this.#asked.get(groupId)?.at(-1)
  }

  #forgetLate(groupId: string, monotonic: number): void {
    const asked = this.#asked.get(groupId) ?? []
    const firstInTime = asked.findIndex((at) => monotonic - at < expectedForMs)
    this.#drop(groupId, firstInTime < 0 ? asked.length : firstInTime)
  }

  #drop(groupId: string, count: number): void {
    const asked = this.#asked.get(groupId)
    if (!asked) return
    this.#count -= asked.splice(0, count).length
    if (asked.length === 0) this.#asked.delete(groupId)
  }
}
