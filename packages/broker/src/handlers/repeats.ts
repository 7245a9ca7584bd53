import type { Clock } from '@rivven/runtime'
import { type Breath, mapInTurns } from '../breath.js'

/** The first of each key, in order; of a long list a promise, with turns for others in between. */
export function distinctInTurns<T, K>(items: readonly T[], keyOf: (item: T) => K, clock: Clock): T[] | Promise<T[]> {
  const firsts = new Map<K, T>()
  const note = (item: T): void => {
    const key = keyOf(item)
    if (!firsts.has(key)) firsts.set(key, item)
  }
  const noted = mapInTurns(items, clock, note)
  return noted instanceof Promise ? noted.then(() => [...firsts.values()]) : [...firsts.values()]
}

/** The first of each key, and the keys that came again. Who has several lists gives them one breath. */
export async function withoutRepeats<T, K>(
  items: readonly T[],
  keyOf: (item: T) => K,
  breath: Breath,
): Promise<{ readonly firsts: T[]; readonly twice: ReadonlySet<K> }> {
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
