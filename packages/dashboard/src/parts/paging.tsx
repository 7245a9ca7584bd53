import { count } from '../text/format.js'

export interface PagingProps {
  readonly shown: number
  readonly total: number
  readonly next: string | null
  readonly isFirst: boolean
  toFirst(): void
  toNext(cursor: string): void
}

/** Where a list of the API goes on: by its cursor, so that rows that come and go make none other missing. */
export function Paging({ shown, total, next, isFirst, toFirst, toNext }: PagingProps) {
  if (isFirst && next === null) return null
  return (
    <nav class="paging" aria-label="More of the list">
      <button type="button" disabled={isFirst} onClick={toFirst}>
        First page
      </button>
      <span>
        {count(shown)} of {count(total)}
      </span>
      <button type="button" disabled={next === null} onClick={() => next !== null && toNext(next)}>
        Next page
      </button>
    </nav>
  )
}
