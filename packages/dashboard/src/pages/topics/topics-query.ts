import type { Query } from '../../route/route.js'

type Given = Readonly<Record<string, string>>

/** What the API is asked for, of what stands in the address. */
export function askedOf(query: Given): Query {
  const { key, order } = sortedBy(query)
  return {
    ...{ search: query.search || undefined, internal: query.internal === 'true' ? 'true' : undefined },
    ...{ sort: key, order, limit: 100, cursor: query.cursor || undefined },
  }
}

export function sortedBy({ sort = 'topic', order }: Given): { key: string; order: 'asc' | 'desc' } {
  return { key: sort, order: order === 'desc' ? 'desc' : 'asc' }
}

/** How long records are kept, of `retention.ms` and `cleanup.policy`. */
export function retentionText(
  { retentionMs, cleanupPolicy }: { retentionMs: number; cleanupPolicy: string },
  duration: (seconds: number) => string,
): string {
  const newest = cleanupPolicy.includes('compact') ? 'newest of each key' : ''
  if (!cleanupPolicy.includes('delete')) return newest
  const time = retentionMs < 0 ? 'for ever' : duration(retentionMs / 1000)
  return newest === '' ? time : `${newest}, ${time}`
}
