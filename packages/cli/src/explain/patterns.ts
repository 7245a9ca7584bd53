import type { RebalanceStory } from '@rivven/client'
import { causeWords } from '@rivven/doctor'
import { durationText } from '../text/durations.js'
import { counted, listed, wrapped } from '../text/words.js'
import { nameOf } from './names.js'

/** Rebalances of one cause and one culprit. */
export interface Pattern {
  cause: RebalanceStory['cause']
  /** Name of the member that caused them all; null: several did, or nobody. */
  who: string | null
  count: number
}

export interface RecentPast {
  rebalances: number
  /** Time in which the group was rebalancing. */
  spentMs: number
  /** The most frequent first. */
  patterns: Pattern[]
  /** Members that others waited for most often, by name. */
  slow: { who: string; times: number; longestMs: number }[]
}

const hourMs = 3_600_000
/** More in an hour than this and RivvenFrequentRebalances fires. */
const manyPerHour = 10
/** Waiting this long for a member is worth a word. */
const noticeableMs = 1000

export function recentPast(recorded: readonly RebalanceStory[]): RecentPast {
  // That a group was deleted is recorded, too, but nobody waited for that.
  const stories = recorded.filter(({ outcome }) => outcome !== 'deleted')
  const byCause = new Map<string, Pattern>()
  for (const { cause, culprit } of stories) {
    const who = culprit ? nameOf(culprit) : null
    const key = `${cause}\n${who}`
    const pattern = byCause.get(key) ?? { cause, who, count: 0 }
    byCause.set(key, { ...pattern, count: pattern.count + 1 })
  }
  return {
    rebalances: stories.length,
    spentMs: stories.reduce((sum, { startedAt, endedAt }) => sum + Math.max(0, endedAt - startedAt), 0),
    patterns: mergedCauses([...byCause.values()]).sort((a, b) => b.count - a.count),
    slow: slowMembers(stories),
  }
}

/** Where each of several members caused something once, the members do not matter: one line says it. */
function mergedCauses(patterns: readonly Pattern[]): Pattern[] {
  const repeated = patterns.filter(({ count }) => count > 1)
  const causes = new Map<RebalanceStory['cause'], Pattern[]>()
  for (const pattern of patterns.filter(({ count }) => count === 1))
    causes.set(pattern.cause, [...(causes.get(pattern.cause) ?? []), pattern])
  const merged = [...causes].map(([cause, ones]) =>
    ones.length === 1 ? ones[0]! : { cause, who: null, count: ones.length },
  )
  return [...repeated, ...merged]
}

function slowMembers(stories: readonly RebalanceStory[]): RecentPast['slow'] {
  const slow = new Map<string, { times: number; longestMs: number }>()
  for (const member of stories.flatMap(({ late }) => late).filter(({ waitedMs }) => waitedMs >= noticeableMs)) {
    const { times, longestMs } = slow.get(nameOf(member)) ?? { times: 0, longestMs: 0 }
    slow.set(nameOf(member), { times: times + 1, longestMs: Math.max(longestMs, member.waitedMs) })
  }
  return [...slow].map(([who, found]) => ({ who, ...found })).sort((a, b) => b.times - a.times)
}

/**
 * What came again and again, and what to do about it. `spanMs`: how long the stories reach back. `isTrouble`: how the group stands
 * needs somebody, whatever came before.
 */
export function tellPast(past: RecentPast, spanMs: number, isTrouble = false): string[] {
  const { rebalances, spentMs, patterns, slow } = past
  const span = spanMs === hourMs ? 'hour' : durationText(spanMs)
  if (rebalances === 0) return [`In the last ${span} there was no rebalance.`]
  const causes = patterns.map(({ cause, who, count }) => `${count} because ${causeWords(cause).phrase(who)}`)
  const counts = `${counted(rebalances, 'rebalance')}, ${durationText(spentMs)} in all`
  const lines = wrapped(`In the last ${span}: ${counts} (${listed(causes)}).`, 110)
  const often = rebalances > manyPerHour * Math.max(1, spanMs / hourMs)
  if (often)
    lines.push(`  That is too often: more than ${manyPerHour} an hour, which RivvenFrequentRebalances reports.`)
  for (const { who, times, longestMs } of slow.slice(0, 3))
    lines.push(`  The group waited for ${who} ${counted(times, 'time')}, up to ${durationText(longestMs)}.`)
  const advice = adviceLines(patterns, often)
  if (advice.length === 0 && !isTrouble) advice.push('  Nothing of this needs you.')
  return [...lines, ...advice]
}

/** Advice for whatever is a fault, and for usual causes once they come often; each once. */
function adviceLines(patterns: readonly Pattern[], often: boolean): string[] {
  const worth = patterns.filter(({ cause, count }) => !causeWords(cause).isUsual || (often && count > 2))
  const advice = [...new Map(worth.map((pattern) => [pattern.cause, pattern])).values()].slice(0, 3)
  return advice.flatMap(({ cause, who }) => {
    const title = `What to do (${cause}${who === null ? '' : `, ${who}`}):`
    return ['', title, ...wrapped(causeWords(cause).advice, 100).map((line) => `  ${line}`)]
  })
}
