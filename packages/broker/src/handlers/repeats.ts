import type { Clock } from '@rivven/runtime'
import { Breath } from '../breath.js'

/** The keys that more than one of these have: what a request names twice. */
export function repeated<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlySet<K> {
  const seen = new Set<K>()
  const twice = new Set<K>()
  for (const item of items) {
    const key = keyOf(item)
    if (seen.has(key)) twice.add(key)
    else seen.add(key)
  }
  return twice
}

/** The first of each key, in order. */
export function distinct<T, K>(items: readonly T[], keyOf: (item: T) => K): T[] {
  const firsts = new Map<K, T>()
  for (const item of items) {
    const key = keyOf(item)
    if (!firsts.has(key)) firsts.set(key, item)
  }
  return [...firsts.values()]
}

/** Both at once: the first of each key, and the keys that came again. Of a long list with turns for others in between. */
export async function withoutRepeats<T, K>(
  items: readonly T[],
  keyOf: (item: T) => K,
  clock: Clock,
): Promise<{ readonly firsts: T[]; readonly twice: ReadonlySet<K> }> {
  const breath = new Breath(clock)
  const seen = new Set<K>()
  const twice = new Set<K>()
  const firsts: T[] = []
  for (const item of items) {
    if (breath.isDue) await breath.take()
    const key = keyOf(item)
    if (seen.has(key)) {
      twice.add(key)
      continue
    }
    seen.add(key)
    firsts.push(item)
  }
  return { firsts, twice }
}
