import { type CampaignResult, MEMORY_MIB } from './campaign.js'

/** Something that was measured, and what it should be. */
export interface Figure {
  name: string
  value: number
  goal: string
  isReached: boolean
  /** It depends on the machine: how fast it is, what else runs on it, how its allocator gives memory back. */
  isOfMachine: boolean
}

const TURN_MS = 50

/** What a campaign shows, in the order in which it matters. */
export function figuresOf({
  good,
  attackers,
  measures,
  quiet,
  after,
  isAlive,
  keysAsked,
  log,
}: CampaignResult): Figure[] {
  const wrong = attackers.tallies.reduce((sum, tally) => sum + tally.wrongCount, 0)
  const rise = measures.rss_mib - quiet.rssMib
  return [
    count('broker: ends', isAlive ? 0 : 1),
    errorsIn(log),
    count('good groups: heartbeats lost (later than the session)', good.lateHeartbeats),
    count('good groups: members thrown out', good.thrownOut),
    count('good groups: rebalances that nobody asked for', good.rebalances),
    count('good groups: records lost', good.lost),
    count('good groups: records twice', good.twice),
    count('good groups: records out of order', good.outOfOrder),
    count('good groups: calls that failed', good.failures.length),
    atMost('broker: requests for keys of tokens, one in 30 s', keysAsked, 1 + Math.ceil(attackers.seconds / 30)),
    count('attacks: answered as they may not be', wrong),
    {
      ...atMost('broker: memory in use above what it was, after (MiB)', after.liveMib - quiet.liveMib, MEMORY_MIB),
      isOfMachine: true,
    },
    {
      ...atMost('broker: RSS above what it was, 60 s after (MiB)', after.rssMib - quiet.rssMib, MEMORY_MIB),
      isOfMachine: true,
    },
    { ...atMost('broker: RSS above what it was, at most (MiB)', rise, MEMORY_MIB), isOfMachine: true },
    { ...atMost('broker: turn of the event loop, p99 (ms)', measures.turn_p99_ms, TURN_MS), isOfMachine: true },
  ]
}

/** Of a broker; a line that came several times counts as often. */
export function errorsIn(log: readonly (readonly [text: string, count: number])[]): Figure {
  const errors = log.filter(([text]) => /^(error|fatal):/.test(text)).reduce((sum, [, times]) => sum + times, 0)
  return count('broker: errors in its log', errors)
}

/** Nothing of this may happen. */
export function count(name: string, value: number): Figure {
  return { name, value, goal: '0', isReached: value === 0, isOfMachine: false }
}

export function atMost(name: string, value: number, most: number): Figure {
  return { name, value, goal: `≤ ${most}`, isReached: value <= most, isOfMachine: false }
}
