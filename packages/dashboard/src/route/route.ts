import { nameFromPath, nameToPath } from '@rivven/protocol'

/** Where one is: `#/groups/orders/timeline?gen=41`. Every state of a page is such a link. */
export interface Route {
  /** Decoded: `['groups', 'orders', 'timeline']`. */
  readonly path: readonly string[]
  readonly query: Readonly<Record<string, string>>
}

/** Of the part of an address that begins with `#`. What cannot be read is nowhere: an empty path. */
export function routeOf(hash: string): Route {
  const [written = '', search = ''] = splitOnce(hash.replace(/^#?\/?/, ''), '?')
  const parts = written === '' ? [] : written.split('/').map(nameFromPath)
  const path = parts.every((part) => part !== undefined) ? parts : []
  const query: Record<string, string> = Object.create(null)
  for (const [name, value] of new URLSearchParams(search)) query[name] = value
  return { path, query }
}

/** What is undefined is not written. */
export type Query = Readonly<Record<string, string | number | undefined>>

/** What is empty in the query is the default, and not written. */
export function hrefOf(path: readonly string[], query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== '')
  return `#/${path.map(nameToPath).join('/')}${searchOf(Object.fromEntries(given))}`
}

/** With `?` in front, or empty. */
export function searchOf(query: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value))
  }
  return search.size > 0 ? `?${search}` : ''
}

function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)]
}
