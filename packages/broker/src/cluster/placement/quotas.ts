import type { AskedLeaders } from '../image.js'
import { add, countsOf, type Load, leadersIn, type PlacedTopic } from './placement.js'

const nobody: AskedLeaders = new Map()

/**
 * How many partitions of a topic each broker should lead: all the same, or some one more; and where it is asked for, at least those that
 * it is asked to lead.
 */
export class TopicQuotas {
  readonly topic: PlacedTopic
  /** Of this topic's partitions, perhaps of others, too: brokers that may lead. */
  readonly asked: AskedLeaders
  /** Who leads each, when whoever is asked for does. */
  readonly leaders: readonly (number | null)[]
  /** How many each leads then. */
  readonly counts: Load
  /** How many each should have at least; as long as it is not said who has one more, that is all. */
  readonly quotas: Load
  readonly #floor: number
  /** How many of them each is asked to lead. */
  readonly #bound: Load
  /** How many have one more, of whom that is still to be said. */
  #open: number

  constructor(topic: PlacedTopic, able: readonly number[], asked = nobody) {
    const { partitions } = topic
    this.topic = topic
    this.asked = asked
    this.leaders = leadersIn(partitions, asked)
    this.counts = countsOf(this.leaders, able)
    this.#bound = countsOf(
      partitions.map(({ partId }) => asked.get(partId) ?? null),
      able,
    )
    this.#floor = levelOf([...this.#bound.values()], partitions.length)
    this.quotas = new Map(Array.from(this.#bound, ([id, bound]) => [id, Math.max(bound, this.#floor)]))
    this.#open = partitions.length - sum(this.quotas.values())
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
    const holders = [...this.quotas.keys()].filter((id) => this.#holds(id) && !this.has(id))
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

  /** How many moves more it costs if `to` has one more instead of `from`; undefined where `from` has no more than `to`, or must have it. */
  costOfPassing(from: number, to: number): number | undefined {
    if (!this.has(from) || this.has(to) || (this.#bound.get(from) ?? 0) > this.#floor) return undefined
    return Number(this.#holds(from)) - Number(this.#holds(to))
  }

  /** Whether some partition gets another leader. */
  get moves(): boolean {
    const { partitions } = this.topic
    const kept = sum(Array.from(this.quotas, ([id, quota]) => Math.min(quota, this.counts.get(id) ?? 0)))
    return kept < partitions.length || this.leaders.some((leader, at) => leader !== partitions[at]?.leader)
  }

  pass(from: number, to: number): void {
    add(this.quotas, from, -1)
    add(this.quotas, to, 1)
  }
}

/** What all can have at least, where some must have more than others. */
function levelOf(bounds: readonly number[], count: number): number {
  const rising = [...bounds].sort((a, b) => a - b)
  let left = count
  for (let others = rising.length; others > 1; others--) {
    const level = Math.floor(left / others)
    const most = rising[others - 1] ?? 0
    if (most <= level) return level
    left -= most
  }
  return left
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
