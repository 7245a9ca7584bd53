import type { ComponentChildren } from 'preact'
import { Copy } from './copy.js'

export interface Column<Row> {
  readonly id: string
  readonly label: string
  cell(row: Row): ComponentChildren
  /** Numbers stand at the right. */
  readonly isNumber?: boolean
  /** As the API calls it in `sort`; missing: the list cannot be put in that order. */
  readonly sort?: string
  /** The head of its row, read out with each cell. One column has it. */
  readonly isHead?: boolean
}

export interface Sorting {
  readonly key: string
  readonly order: 'asc' | 'desc'
  sortBy(key: string, order: 'asc' | 'desc'): void
}

export interface TableProps<Row> {
  /** Read out before it; seen as well unless it is hidden. */
  readonly caption: string
  readonly isCaptionHidden?: boolean
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  keyOf(row: Row): string
  readonly sorting?: Sorting
  /** The command that prints the numbers of a row. */
  commandOf?(row: Row): string
}

/** A table, of which narrow screens see a card a row. Its roles are written out: as cards they would be lost. */
export function Table<Row>(props: TableProps<Row>) {
  const { caption, isCaptionHidden = false, columns, rows, keyOf, sorting, commandOf } = props
  return (
    <table role="table" class="table">
      <caption class={isCaptionHidden ? 'unseen' : undefined}>{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <Head key={column.id} column={column} sorting={sorting} />
          ))}
          {commandOf && (
            <th role="columnheader" scope="col">
              <span class="unseen">Command</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <Line key={keyOf(row)} row={row} columns={columns} command={commandOf?.(row)} />
        ))}
      </tbody>
    </table>
  )
}

interface LineProps<Row> {
  readonly row: Row
  readonly columns: readonly Column<Row>[]
  readonly command: string | undefined
}

function Line<Row>({ row, columns, command }: LineProps<Row>) {
  return (
    <tr role="row">
      {columns.map(({ id, label, cell, isHead, isNumber }) => {
        const look = isNumber ? 'number' : undefined
        return isHead ? (
          <th key={id} role="rowheader" scope="row" class={look}>
            {cell(row)}
          </th>
        ) : (
          <td key={id} role="cell" data-label={label} class={look}>
            {cell(row)}
          </td>
        )
      })}
      {command !== undefined && (
        <td role="cell" class="row-command">
          <Copy command={command} />
        </td>
      )}
    </tr>
  )
}

function Head<Row>({ column, sorting }: { column: Column<Row>; sorting: Sorting | undefined }) {
  const { label, sort, isNumber } = column
  const look = isNumber ? 'number' : undefined
  if (!sorting || sort === undefined)
    return (
      <th role="columnheader" scope="col" class={look}>
        {label}
      </th>
    )
  const isSorted = sorting.key === sort
  const isFalling = isSorted && sorting.order === 'desc'
  // Of numbers one wants to see the largest first.
  const next = isSorted ? (isFalling ? 'asc' : 'desc') : isNumber ? 'desc' : 'asc'
  return (
    <th
      role="columnheader"
      scope="col"
      class={look}
      aria-sort={isSorted ? (isFalling ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" class="sort" onClick={() => sorting.sortBy(sort, next)}>
        {label} <span aria-hidden="true">{isSorted ? (isFalling ? '▾' : '▴') : ''}</span>
      </button>
    </th>
  )
}
