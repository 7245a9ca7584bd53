import { nameOf, type Seen, type SeenRecord, type Timed } from '../../history/history.js'
import type { CopierPlan, Plan } from '../../plan/plan.js'
import type { Check, Report } from '../check.js'

/**
 * Invariants 29 (of a transaction all is visible or nothing, and nothing of an aborted one), 33 (each record is copied once,
 * in order) and 31 (what a producer that was shut out has written is never seen), as readers of committed records see it.
 */
export class ExactlyOnce implements Check {
  readonly #report: Report
  readonly #copies: ReadonlySet<string>
  /** By partition and source value: the copy that was seen. */
  readonly #seen = new Map<string, SeenRecord>()
  readonly #outcomes = new Map<string, 'committed' | 'aborted'>()
  /** Source values by transaction, as far as they were seen. */
  readonly #byTransaction = new Map<string, Set<string>>()

  constructor(report: Report, plan: Plan) {
    this.#report = report
    const copiers = plan.actors.filter((actor): actor is CopierPlan => actor.kind === 'copier')
    this.#copies = new Set(copiers.map(({ to }) => to))
  }

  see(event: Timed<Seen>): void {
    if (event.kind === 'transaction') this.#decided(event.id, event.outcome)
    if (event.kind !== 'polled') return
    for (const record of event.records) if (this.#copies.has(record.topic)) this.#saw(record)
  }

  end(): void {
    const newest = new Map<string, { source: SeenRecord; number: number }>()
    const inOrder = [...this.#seen.values()].sort((a, b) => a.offset - b.offset)
    for (const record of inOrder) {
      const [source = ''] = record.value.split('|')
      const [producer, life, number] = source.split('.')
      const key = `${nameOf(record)} ${producer}.${life}`
      const before = newest.get(key)
      newest.set(key, { source: record, number: Number(number) })
      if (before && Number(number) < before.number) {
        this.#report('33', `${record.value} is copied behind ${before.source.value} in ${nameOf(record)}`)
      }
    }
  }

  #decided(id: string, outcome: 'committed' | 'aborted'): void {
    this.#outcomes.set(id, outcome)
    if (outcome === 'aborted' && this.#byTransaction.has(id)) {
      this.#report('29', `records of ${id} were read, and it was aborted afterwards`)
    }
  }

  #saw(record: SeenRecord): void {
    const [source = '', id = ''] = record.value.split('|')
    if (this.#outcomes.get(id) === 'aborted') {
      this.#report('29', `${nameOf(record)}/${record.offset} is ${record.value}: its transaction was aborted`)
    }
    const ofTransaction = this.#byTransaction.get(id) ?? new Set<string>()
    this.#byTransaction.set(id, ofTransaction.add(source))
    const key = `${record.topic} ${source}`
    const before = this.#seen.get(key)
    if (before && (before.offset !== record.offset || before.partition !== record.partition)) {
      this.#report(
        '33',
        `${source} is copied twice: ${before.value} at ${nameOf(before)}/${before.offset}, ${record.value} at ${nameOf(record)}/${record.offset}`,
      )
    }
    this.#seen.set(key, record)
  }
}
