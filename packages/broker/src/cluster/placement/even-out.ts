import { CheapestSteps, type Step } from './cheapest-steps.js'
import { add, type Load } from './placement.js'
import type { TopicQuotas } from './quotas.js'

/** A smaller difference is not worth a move. */
const LEAST_DIFFERENCE = 2
const LEAST_PART = 0.1

/**
 * Brings the loads of the whole cluster near: while the fullest broker is to have too much more than the emptiest, the emptiest
 * gets one more of a topic in its place, so topics stay as spread as they are. It may go through others: the fullest passes one of
 * one topic to somebody who passes one of another topic on. The way that costs the fewest moves is taken.
 */
export function evenOut(topics: readonly TopicQuotas[], load: Load): void {
  let steps: CheapestSteps | undefined
  /** Who can give nothing more: somebody wants it to lead what it has. The others are evened out without it. */
  const bound = new Set<number>()
  for (;;) {
    const loads = [...load].flatMap(([id, count]) => (bound.has(id) ? [] : [count]))
    const [most, least] = [Math.max(...loads), Math.min(...loads)]
    if (most - least < Math.max(LEAST_DIFFERENCE, least * LEAST_PART)) return
    // Most clusters are even, and there may be ten thousand topics.
    steps ??= new CheapestSteps(topics, [...load.keys()])
    const way = cheapestWay(steps, load, most, least)
    if (!way) for (const [id, count] of load) if (count === most) bound.add(id)
    for (const { topic, from, to } of way ?? []) {
      topic.pass(from, to)
      steps.changed(topic)
      add(load, from, -1)
      add(load, to, 1)
    }
  }
}

/**
 * Bellman and Ford over the brokers, which are few: a step may save a move. There is a way, for the fullest has more of something;
 * undefined where that may not go.
 */
function cheapestWay(steps: CheapestSteps, load: Load, most: number, least: number): readonly Step[] | undefined {
  const ids = [...load.keys()]
  const best = new Map(ids.filter((id) => load.get(id) === most).map((id) => [id, { cost: 0, way: [] as Step[] }]))
  const all = steps.all()
  for (let round = 1; round < ids.length; round++) {
    for (const step of all) {
      const before = best.get(step.from)
      const cost = (before?.cost ?? Number.POSITIVE_INFINITY) + step.cost
      if (before && cost < (best.get(step.to)?.cost ?? Number.POSITIVE_INFINITY))
        best.set(step.to, { cost, way: [...before.way, step] })
    }
  }
  const ways = ids.flatMap((id) => (load.get(id) === least ? (best.get(id) ?? []) : []))
  return ways.sort((one, other) => one.cost - other.cost)[0]?.way
}
