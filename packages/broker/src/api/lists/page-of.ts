import { int, oneOf, text } from '../../config/setting.js'
import { Problem } from '../problem.js'

/** Null: there is none; such rows come last, in both orders. */
export type SortKey = number | string | null

/** What every list may be asked for. */
export const pageQuery = {
  order: oneOf(['asc', 'desc'], 'asc', 'asc, or desc for the largest first.'),
  limit: int(100, 'Most rows of a page.', { min: 1, max: 1000 }),
  cursor: text('', 'Where to go on: what `next` of the page before says.'),
}

export interface PageAsked {
  readonly sort: string
  readonly order: 'asc' | 'desc'
  readonly limit: number
  readonly cursor: string
}

interface Place {
  readonly key: SortKey
  readonly name: string
}

interface Entry<Item> extends Place {
  readonly item: Item
}

/**
 * One page of a list whose rows come one by one, in any order: keeps those that belong on it. A page begins behind the last row of the
 * one before, by key and name, so that nothing is left out or told twice because others have come or gone.
 */
export class PageOf<Item> {
  /** Of all pages. */
  total = 0
  readonly #asked: PageAsked
  readonly #after: Place | undefined
  readonly #entries: Entry<Item>[] = []
  #hasMore = false

  private constructor(asked: PageAsked, after: Place | undefined) {
    this.#asked = asked
    this.#after = after
  }

  /** A problem where the cursor is none of such a list. */
  static begin<Item>(asked: PageAsked): PageOf<Item> | Problem {
    if (asked.cursor === '') return new PageOf<Item>(asked, undefined)
    const after = placeIn(asked)
    return after ? new PageOf<Item>(asked, after) : new Problem('INVALID_CURSOR', 'This cursor is not of this list.')
  }

  offer(key: SortKey, name: string, item: Item): void {
    this.total += 1
    const entry = { key, name, item }
    if (this.#after && this.#compare(entry, this.#after) <= 0) return
    const { limit } = this.#asked
    const last = this.#entries.at(-1)
    if (last && this.#entries.length === limit && this.#compare(entry, last) > 0) {
      this.#hasMore = true
      return
    }
    this.#entries.splice(this.#placeFor(entry), 0, entry)
    if (this.#entries.length <= limit) return
    this.#entries.pop()
    this.#hasMore = true
  }

  get items(): Item[] {
    return this.#entries.map(({ item }) => item)
  }

  /** The cursor of the next page; null: this is the last one. `isCut`: there are more than were offered. */
  next(isCut = false): string | null {
    const last = this.#entries.at(-1)
    if (!last || !(this.#hasMore || isCut)) return null
    const { sort, order } = this.#asked
    return Buffer.from(JSON.stringify([sort, order, last.key, last.name])).toString('base64url')
  }

  /** Where it belongs, by halves. */
  #placeFor(entry: Place): number {
    let [low, high] = [0, this.#entries.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#compare(entry, this.#entries[middle]!) < 0) high = middle
      else low = middle + 1
    }
    return low
  }

  #compare(a: Place, b: Place): number {
    if (a.key !== b.key) {
      if (a.key === null) return 1
      if (b.key === null) return -1
      return compared(a.key, b.key) < 0 === (this.#asked.order === 'asc') ? -1 : 1
    }
    return compared(a.name, b.name)
  }
}

/** Keys of a list are of one kind; a cursor that somebody made up may have another. */
function compared(a: number | string, b: number | string): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

function placeIn({ cursor, sort, order }: PageAsked): Place | undefined {
  try {
    const told: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (!Array.isArray(told) || told.length !== 4 || told[0] !== sort || told[1] !== order) return undefined
    const [, , key, name] = told
    const isKey = key === null || typeof key === 'number' || typeof key === 'string'
    return isKey && typeof name === 'string' ? { key, name } : undefined
  } catch {
    return undefined
  }
}
