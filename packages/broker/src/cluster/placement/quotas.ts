import { add, countsOf, type Load, type PlacedTopic } from './placement.js'

/** How many partitions of a topic each broker should lead: all the same, or some one more. */
export class TopicQuotas {
  readonly topic: PlacedTopic
  /** How many each leads now. */
  readonly counts: Load
  /** How many each should have at least; as long as it is not said who has one more, that is all. */
  readonly quotas: Load
  readonly #floor: number
  /** How many have one more, of whom that is still to be said. */
  #open: number

  constructor(topic: PlacedTopic, able: readonly number[]) {
    this.topic = topic
    this.counts = countsOf(topic.partitions, able)
    this.#floor = Math.floor(topic.partitions.length / able.length)
    this.#open = topic.partitions.length % able.length
    this.quotas = new Map(able.map((id) => [id, this.#floor]))
  }

  /** Whoever has one more now (or more than that): to let it keep that saves a move. */
  #holds(id: number): boolean {
    return (this.counts.get(id) ?? 0) > this.#floor
  }

  has(id: number): boolean {
    return (this.quotas.get(id) ?? 0) > this.#floor
  }

  /** Says that all who have one more keep it, unless they are more than may. */
  keep(): void {
    const holders = [...this.quotas.keys()].filter((id) => this.#holds(id))
    if (holders.length <= this.#open) for (const id of holders) this.#give(id)
  }

  /** Says who has one more: those that have it now, then those with the lowest load of all. */
  fill(load: Load): void {
    if (this.#open === 0) return
    const loadOf = (id: number) => load.get(id) ?? 0
    const rank = (id: number) => (this.#holds(id) ? 0 : 1)
    const others = [...this.quotas.keys()].filter((id) => !this.has(id))
    const best = others.sort((a, b) => rank(a) - rank(b) || loadOf(a) - loadOf(b) || a - b).slice(0, this.#open)
    for (const id of best) {
      this.#give(id)
      add(load, id, 1)
    }
  }

  #give(id: number): void {
    add(this.quotas, id, 1)
    this.#open--
  }

  /** How many moves more it costs if `to` has one more instead of `from`; undefined where `from` has no more than `to`. */
  costOfPassing(from: number, to: number): number | undefined {
    if (!this.has(from) || this.has(to)) return undefined
    return Number(this.#holds(from)) - Number(this.#holds(to))
  }

  /** Whether some partition gets another leader. */
  get moves(): boolean {
    const kept = [...this.quotas].reduce((sum, [id, quota]) => sum + Math.min(quota, this.counts.get(id) ?? 0), 0)
    return kept < this.topic.partitions.length
  }

  pass(from: number, to: number): void {
    add(this.quotas, from, -1)
    add(this.quotas, to, 1)
  }
}
