import type { Route } from './route.js'

/** What of a path stands in place of `:name`; undefined: the path is another. */
export function matchOf(pattern: string, { path }: Route): Readonly<Record<string, string>> | undefined {
  const parts = pattern.split('/')
  if (parts.length !== path.length) return undefined
  const names: Record<string, string> = Object.create(null)
  for (const [at, part] of parts.entries()) {
    const given = path[at] ?? ''
    if (part.startsWith(':')) names[part.slice(1)] = given
    else if (part !== given) return undefined
  }
  return names
}

/** The first that fits, with the names in its path. */
export function findPage<Entry extends { readonly pattern: string }>(
  entries: readonly Entry[],
  route: Route,
): { readonly entry: Entry; readonly names: Readonly<Record<string, string>> } | undefined {
  for (const entry of entries) {
    const names = matchOf(entry.pattern, route)
    if (names) return { entry, names }
  }
  return undefined
}
