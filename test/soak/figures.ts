import { atMost, count, errorsIn, type Figure } from '../hostile/figures.js'
import type { Open } from '../hostile/measured-broker.js'
import { growthPerHour } from './slope.js'
import { type SoakOutcome, timersOf } from './soak.js'

/** A line through less time says nothing of an hour. */
const JUDGED_FROM_MINUTES = 20
const GROWTH_PERCENT = 1
/** How many more of a kind is no growth, as a share of those there are: a connection that is just being replaced, say. */
const MARGIN = 0.02

/** What a soak shows, in the order in which it matters (reliability: RSS grows by less than 1 % an hour, nothing stays open). */
export function figuresOf({ groups, memory, first, last, log }: SoakOutcome): Figure[] {
  return [
    count('records lost', groups.lost),
    count('records twice', groups.twice),
    count('records passed over', groups.skipped),
    count('members thrown out', groups.thrownOut),
    count('rebalances that nobody asked for', groups.unasked),
    count('calls that failed', groups.failures.length),
    errorsIn(log),
    ...growth('broker', first.broker, last.broker),
    ...growth('clients', first.clients, last.clients),
    rssGrowth(memory),
  ]
}

function growth(who: string, first: Open, last: Open): Figure[] {
  const more = (what: string, then: number, now: number) => ({
    ...atMost(`${who}: ${what} more than at first`, now - then, Math.max(5, Math.round(then * MARGIN))),
    // What is under way, and for how long, is the machine's: what was forgotten adds up to more in a long time only.
    isOfMachine: true,
  })
  return [
    more('timers', timersOf(first), timersOf(last)),
    ...(first.descriptors === null || last.descriptors === null
      ? []
      : [more('descriptors', first.descriptors, last.descriptors)]),
  ]
}

function rssGrowth(memory: SoakOutcome['memory']): Figure {
  const minutes = ((memory.at(-1)?.ms ?? 0) - (memory[0]?.ms ?? 0)) / 60_000
  const isJudged = minutes >= JUDGED_FROM_MINUTES - 1
  const percent = Math.round(growthPerHour(memory) * 100) / 100
  const name = `broker: growth of RSS (% an hour${isJudged ? '' : `, judged from ${JUDGED_FROM_MINUTES} minutes on`})`
  const figure = atMost(name, percent, GROWTH_PERCENT)
  return { ...figure, isReached: figure.isReached || !isJudged, isOfMachine: true }
}
