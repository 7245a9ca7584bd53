import type { Query } from '../../route/route.js'

type Given = Readonly<Record<string, string>>

const filters = ['search', 'state', 'status', 'topic'] as const
/** Whoever comes without a wish sees those that do worst. */
const usual = { sort: 'status', order: 'desc' } as const

/** What the API is asked for, of what stands in the address: nothing else, which it would refuse. */
export function askedOf(query: Given): Query {
  const { key, order } = sortedBy(query)
  const asked = Object.fromEntries(filters.map((name) => [name, query[name] || undefined]))
  return { ...asked, sort: key, order, limit: 100, cursor: query.cursor || undefined }
}

export function sortedBy(query: Given): { key: string; order: 'asc' | 'desc' } {
  if (query.sort === undefined) return { key: usual.sort, order: usual.order }
  return { key: query.sort, order: query.order === 'desc' ? 'desc' : 'asc' }
}

export function isFiltered(query: Given): boolean {
  return filters.some((name) => (query[name] ?? '') !== '')
}
