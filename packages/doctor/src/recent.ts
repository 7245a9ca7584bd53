export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** Of what is not longer ago than that. */
export function since<Thing extends { readonly at: number }>(things: readonly Thing[], from: number): Thing[] {
  return things.filter(({ at }) => at >= from)
}

/** Things by what they have in common, in the order in which they come. */
export function grouped<Thing>(things: readonly Thing[], keyOf: (thing: Thing) => string): Thing[][] {
  const groups = new Map<string, Thing[]>()
  for (const thing of things) {
    const key = keyOf(thing)
    const known = groups.get(key)
    if (known) known.push(thing)
    else groups.set(key, [thing])
  }
  return [...groups.values()]
}

/** The largest of these groups; undefined of nothing. */
export function mostFrequent<Thing>(things: readonly Thing[], keyOf: (thing: Thing) => string): Thing[] | undefined {
  return grouped(things, keyOf).reduce<Thing[] | undefined>(
    (one, other) => (one && one.length >= other.length ? one : other),
    undefined,
  )
}
