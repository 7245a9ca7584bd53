import { UsageError } from '../failure.js'

/** Where it is looked: from an offset or a time on, or at the end. */
export type PlaceToPeek =
  | { readonly kind: 'offset'; readonly offset: number }
  /** Milliseconds since 1970. */
  | { readonly kind: 'time'; readonly at: number }
  | { readonly kind: 'newest' }

export interface PeekOptions {
  partition?: number
  offset?: number
  at?: (now: number) => number
  newest?: number
  limit?: number
  search?: string
  follow?: boolean
  showAborted?: boolean
}

const fewRecords = 10
const mostRecords = 500

/** The one place that was given, and how many records are shown of it. */
export function placeToPeek(options: PeekOptions, now: number): { place: PlaceToPeek; limit: number } {
  const { offset, at, newest, limit } = options
  if ([offset, at, newest].filter((way) => way !== undefined).length > 1)
    throw new UsageError('--offset, --at and --newest say three places: take one of them.')
  if (newest !== undefined && limit !== undefined)
    throw new UsageError('--newest says how many there are, too: leave --limit out.')
  const count = newest ?? limit ?? fewRecords
  if (count > mostRecords)
    throw new UsageError(`${mostRecords} records are shown at most; \`rivvenctl consume\` writes any number of them.`)
  return { place: placeIn({ offset, at }, now), limit: count }
}

function placeIn({ offset, at }: Pick<PeekOptions, 'offset' | 'at'>, now: number): PlaceToPeek {
  if (offset !== undefined) return { kind: 'offset', offset }
  return at === undefined ? { kind: 'newest' } : { kind: 'time', at: at(now) }
}
