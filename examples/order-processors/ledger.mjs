/** What was produced, who handled it, who owned what: the evidence behind the demo's summary. */
export class Ledger {
  #produced = new Set()
  /** record (partition/offset) -> names of those who handled it, in order */
  #handledBy = new Map()
  #owners = new Map()
  #killed = new Set()
  #failedCommits = []
  /** The latest generation of the group that anybody had partitions in. */
  generation = 0

  produced(partition, offset) {
    this.#produced.add(`${partition}/${offset}`)
  }

  joined(name) {
    this.#owners.set(name, [])
  }

  left(name, signal) {
    this.#owners.delete(name)
    if (signal === 'SIGKILL') this.#killed.add(name)
  }

  note(name, message) {
    if (message.kind === 'owns') this.#own(name, message)
    if (message.kind === 'commit failed') this.#failedCommits.push({ name, reason: message.reason })
    if (message.kind !== 'handled') return
    for (const [partition, offset] of message.records) {
      const record = `${partition}/${offset}`
      this.#handledBy.set(record, [...(this.#handledBy.get(record) ?? []), name])
    }
  }

  #own(name, { partitions, generation = 0 }) {
    this.#owners.set(name, partitions)
    this.generation = Math.max(this.generation, generation)
  }

  /** Whether so many partitions are shared, and everybody has some. */
  isShared(partitions) {
    const owned = [...this.#owners.values()]
    return owned.every(({ length }) => length > 0) && owned.flat().length === partitions
  }

  ownership() {
    return [...this.#owners]
      .map(([name, owned]) => `${name}: ${owned.length > 0 ? owned.map((n) => `P${n}`).join(',') : '-'}`)
      .join('  ')
  }

  hasHandledAll() {
    for (const record of this.#produced) if (!this.#handledBy.has(record)) return false
    return true
  }

  /** Says what came of it all; returns how many records were lost. */
  summary(say) {
    const lost = [...this.#produced].filter((record) => !this.#handledBy.has(record)).length
    const twice = [...this.#handledBy].filter(([, names]) => names.length > 1)
    say('all done')
    console.log(`
produced          ${this.#produced.size}
processed         ${this.#handledBy.size}
lost              ${lost}
processed twice   ${twice.length}${twice.length > 0 ? this.#reasons(twice) : ''}`)
    return lost
  }

  #reasons(twice) {
    const counts = new Map()
    for (const [, [first]] of twice) counts.set(first, (counts.get(first) ?? 0) + 1)
    return [...counts].map(([name, count]) => `\n  ${count} first by ${name}, ${this.#reason(name)}`).join('')
  }

  #reason(name) {
    if (this.#killed.has(name)) return 'killed after it had handled them and before its commit'
    const failed = this.#failedCommits.find((commit) => commit.name === name)
    return failed ? `whose commit failed: ${failed.reason}` : 'whose commit did not reach the broker before a rebalance'
  }
}
