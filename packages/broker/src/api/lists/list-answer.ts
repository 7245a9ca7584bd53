import { type Field, type Fields, list, nullable, number, one, type Shape, shape, text } from '../shape.js'
import { type PageAsked, PageOf, type SortKey } from './page-of.js'

/** A page of a list, as all lists tell it. */
export interface ListAnswer<Row> {
  readonly items: readonly Row[]
  readonly total: number
  readonly next: string | null
  readonly missing: readonly number[]
}

/** The shape of a list of such rows. */
export function listOf<F extends Fields>(name: string, row: Shape<F>, about: string) {
  return shape(name, {
    items: list(one(row, about)),
    total: number('How many there are on all pages.'),
    next: nullable(text('`cursor` of the next page; null: there is none.')),
    missing: missingBrokers,
  })
}

export const missingBrokers: Field<readonly number[]> = list(
  number('Brokers of the cluster that did not answer: what they know is missing here.'),
)

/** How rows of a list are put in order. */
export interface ListOrder<Row> {
  nameOf(row: Row): string
  keyOf(row: Row, sort: string): SortKey
}

/** One page of those that several brokers made of what they know. */
export function mergedPages<Row>(
  parts: readonly ListAnswer<Row>[],
  asked: PageAsked,
  { order: { nameOf, keyOf }, missing }: { order: ListOrder<Row>; missing: readonly number[] },
): ListAnswer<Row> {
  const page = PageOf.begin<Row>(asked) as PageOf<Row>
  for (const { items } of parts) for (const row of items) page.offer(keyOf(row, asked.sort), nameOf(row), row)
  const isCut = parts.some(({ next }) => next !== null)
  const total = parts.reduce((sum, part) => sum + part.total, 0)
  return { items: page.items, total, next: page.next(isCut), missing }
}
