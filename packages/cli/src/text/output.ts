import { stringify } from 'yaml'

export const outputFormats = ['table', 'json', 'yaml', 'csv', 'ndjson', 'wide'] as const
export type OutputFormat = (typeof outputFormats)[number]

export type Cell = string | number | boolean | null
export type Row = Readonly<Record<string, Cell>>

export interface Column {
  /** Field of the row, and of each object in JSON and YAML. */
  field: string
  title: string
  /** Shown in tables only with `-o wide`. */
  wide?: boolean
}

/** Renders rows for people (table, wide) or programs (json, yaml, csv, ndjson). */
export function renderRows(format: OutputFormat, columns: readonly Column[], rows: readonly Row[]): string {
  switch (format) {
    case 'table':
      return table(
        columns.filter((column) => !column.wide),
        rows,
      )
    case 'wide':
      return table(columns, rows)
    case 'csv':
      return [columns.map((column): Cell | undefined => column.field)]
        .concat(rows.map((row) => columns.map((column) => row[column.field])))
        .map((cells) => `${cells.map(csvCell).join(',')}\n`)
        .join('')
    case 'ndjson':
      return rows.map((row) => `${JSON.stringify(pick(columns, row))}\n`).join('')
    default:
      return renderValue(
        format,
        rows.map((row) => pick(columns, row)),
      )
  }
}

/** Renders one structured answer for programs. */
export function renderValue(format: 'json' | 'yaml', value: unknown): string {
  return format === 'yaml' ? stringify(value) : `${JSON.stringify(value, null, 2)}\n`
}

export function table(columns: readonly Column[], rows: readonly Row[]): string {
  const titles = columns.map((column) => column.title)
  const lines = [titles].concat(rows.map((row) => columns.map((column) => text(row[column.field]))))
  const widths = columns.map((_, at) => lines.reduce((width, line) => Math.max(width, line[at]!.length), 0))
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, at) => cell.padEnd(widths[at]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

function pick(columns: readonly Column[], row: Row): Row {
  return Object.fromEntries(columns.map((column) => [column.field, row[column.field] ?? null]))
}

function text(cell: Cell | undefined): string {
  return cell === null || cell === undefined || cell === '' ? '-' : printable(String(cell))
}

/**
 * Client ids, reasons, records and the like are any client's words: they do not get to move the cursor of a terminal, nor to turn
 * around what stands beside them.
 */
export function printable(words: string): string {
  return words.replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (sign) => {
    const code = sign.charCodeAt(0).toString(16)
    return sign <= '\u00ff' ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`
  })
}

/** Sentences to people: in those of others, too, a name may stand, and an answer of a broker. */
export function printableLines(words: string): string {
  return words
    .split(/([\n\t])/)
    .map((piece, at) => (at % 2 === 0 ? printable(piece) : piece))
    .join('')
}

/** RFC 4180. */
export function csvCell(cell: Cell | undefined): string {
  const plain = cell === null || cell === undefined ? '' : String(cell)
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
