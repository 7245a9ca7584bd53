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
