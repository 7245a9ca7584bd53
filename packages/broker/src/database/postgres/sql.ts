import pg from 'pg'

/** As it is written in a statement. */
export function literal(value: string | number | boolean | null): string {
  if (value === null) return 'null'
  return typeof value === 'string' ? pg.escapeLiteral(value) : String(value)
}

/** For json_to_recordset and its like. */
export function json(value: unknown): string {
  return `${pg.escapeLiteral(JSON.stringify(value))}::json`
}

export function bytes(value: Uint8Array): string {
  return `'\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'::bytea`
}

/** An array, as the text of a parameter. */
export function arrayText(values: readonly (number | null)[]): string {
  return `{${values.map((value) => value ?? 'null').join(',')}}`
}

export function ints(values: readonly number[]): string {
  return `'${arrayText(values)}'::int[]`
}

export function bigints(values: readonly number[]): string {
  return `'${arrayText(values)}'::bigint[]`
}

export function identifier(name: string): string {
  return pg.escapeIdentifier(name)
}

/** Where each of them begins in all of them together, from 1 on, and how long it is: two arrays. */
export function piecesOf(buffers: readonly Buffer[]): [string, string] {
  let at = 1
  const begins = buffers.map(({ length }) => {
    at += length
    return at - length
  })
  return [arrayText(begins), arrayText(buffers.map(({ length }) => length))]
}
