import { withQuery } from '../route/location.js'
import { Paging } from './paging.js'
import { type Sorting, Table, type TableProps } from './table.js'

/** A page of a list, as the API answers it. */
export interface ListPage<Row> {
  readonly items: readonly Row[]
  readonly total: number
  readonly next: string | null
}

interface ListTableProps<Row> extends Pick<TableProps<Row>, 'caption' | 'columns' | 'keyOf' | 'commandOf'> {
  readonly list: ListPage<Row>
  /** What stands in the address. */
  readonly query: Readonly<Record<string, string>>
  readonly sorted: Omit<Sorting, 'sortBy'>
}

/** A page of a list that the broker filters and puts in order; where one is in it stands in the address. */
export function ListTable<Row>({ list, query, sorted, ...table }: ListTableProps<Row>) {
  const { items, total, next } = list
  return (
    <>
      <Table
        {...table}
        isCaptionHidden
        rows={items}
        sorting={{ ...sorted, sortBy: (sort, order) => withQuery({ sort, order, cursor: '' }) }}
      />
      <Paging
        shown={items.length}
        total={total}
        next={next}
        isFirst={(query.cursor ?? '') === ''}
        toFirst={() => withQuery({ cursor: '' })}
        toNext={(cursor) => withQuery({ cursor })}
      />
    </>
  )
}
