import type { TopicQuotas } from './quotas.js'

/** A broker has one more of a topic instead of another. */
export interface Step {
  readonly from: number
  readonly to: number
  readonly topic: TopicQuotas
  readonly cost: number
}

/*
 * What counts is how many moves a step costs. Where that is the same, topics in which nothing moves come first, so no topic moves
 * more than it must; then ways of fewer steps.
 */
const MOVE = 1_000_000
const MOVE_IN_A_TOPIC_THAT_MOVES = 1_000
const STEP = 1
const costs = [STEP - MOVE, STEP, STEP + MOVE, STEP + MOVE + MOVE_IN_A_TOPIC_THAT_MOVES]

/**
 * The cheapest step from each broker to each other one. Kept up to date topic by topic: to look through ten thousand topics for
 * each step would take seconds.
 */
export class CheapestSteps {
  readonly #pairs: readonly Pair[]

  constructor(topics: readonly TopicQuotas[], ids: readonly number[]) {
    this.#pairs = ids.flatMap((from) => ids.filter((to) => to !== from).map((to) => new Pair(from, to)))
    for (const topic of topics) this.changed(topic)
  }

  all(): Step[] {
    return this.#pairs.flatMap((pair) => pair.cheapest() ?? [])
  }

  /** Other brokers have one more of it than before. */
  changed(topic: TopicQuotas): void {
    for (const pair of this.#pairs) pair.note(topic)
  }
}

class Pair {
  readonly #from: number
  readonly #to: number
  /** By level of costs: topics that had it when they were noted; one that has changed since is noted elsewhere. */
  readonly #noted: readonly TopicQuotas[][] = costs.map(() => [])
  readonly #passed = costs.map(() => 0)

  constructor(from: number, to: number) {
    this.#from = from
    this.#to = to
  }

  note(topic: TopicQuotas): void {
    const level = this.#levelOf(topic)
    if (level !== undefined) this.#noted[level]?.push(topic)
  }

  cheapest(): Step | undefined {
    for (const [level, cost] of costs.entries()) {
      const topic = this.#firstOf(level)
      if (topic) return { from: this.#from, to: this.#to, topic, cost }
    }
    return undefined
  }

  #firstOf(level: number): TopicQuotas | undefined {
    const noted = this.#noted[level] ?? []
    let at = this.#passed[level] ?? 0
    while (at < noted.length && this.#levelOf(noted[at] as TopicQuotas) !== level) at++
    this.#passed[level] = at
    return noted[at]
  }

  #levelOf(topic: TopicQuotas): number | undefined {
    const cost = topic.costOfPassing(this.#from, this.#to)
    return cost === undefined ? undefined : cost + 1 + Number(cost > 0 && topic.moves)
  }
}
