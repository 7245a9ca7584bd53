import { UsageError } from '../failure.js'

/** One line of an offsets file. */
export interface FileOffset {
  topic: string
  partition: number
  /** null: `none`, forget what is committed. */
  offset: number | null
}

/**
 * Reads offsets for one group: CSV as `topic,partition,offset` (what `kafka-consumer-groups --export` writes, also with the
 * group in front) or with a line of titles (what `rivvenctl -o csv` writes), or JSON, a list of objects with these names.
 */
export function parseOffsets(text: string, name: string, groupId: string): FileOffset[] {
  const isJson = /^\s*[[{]/.test(text)
  const offsets: FileOffset[] = []
  const seen = new Set<string>()
  for (const row of isJson ? jsonRows(text, name) : csvRows(text)) {
    if (row.group && row.group !== groupId) continue
    const offset = offsetOf(row, name)
    const key = `${offset.topic}/${offset.partition}`
    if (seen.has(key)) throw new UsageError(`${name} names ${key} twice.`)
    seen.add(key)
    offsets.push(offset)
  }
  if (offsets.length === 0) throw new UsageError(`${name} holds no offsets for group "${groupId}".`)
  return offsets
}

interface RawRow {
  group?: unknown
  topic: unknown
  partition: unknown
  offset: unknown
  /** Where it stands, for messages. */
  where: string
}

function jsonRows(text: string, name: string): RawRow[] {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${name} is no JSON: ${(error as Error).message}`)
  }
  const list = Array.isArray(content) ? content : (content as { partitions?: unknown }).partitions
  if (!Array.isArray(list)) throw new UsageError(`${name} holds no list of offsets.`)
  return list.map((entry: unknown, at) => {
    const row = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>
    // A row of `reset-offsets -o json` says where it goes; one of `group lag -o json` where it is.
    const offset = [row.offset, row.newOffset, row.currentOffset].find((value) => value !== undefined)
    return {
      group: row.group ?? row.groupId,
      topic: row.topic,
      partition: row.partition,
      offset,
      where: `entry ${at + 1}`,
    }
  })
}

function* csvRows(text: string): Generator<RawRow> {
  let titles: readonly string[] | undefined
  let isFirst = true
  for (const { cells, where } of csvLines(text)) {
    if (isFirst) titles = titlesOf(cells)
    if (!isFirst || titles === undefined) yield csvRow(cells, titles ?? usualTitles(cells), where)
    isFirst = false
  }
}

/** Those that hold something. */
function* csvLines(text: string): Generator<{ cells: string[]; where: string }> {
  let number = 0
  for (const line of text.split('\n')) {
    number++
    if (line.trim() === '') continue
    const cells = cellsOf(line.replace(/\r$/, ''))
    if (cells.some((cell) => cell !== '') && !cells[0]!.startsWith('#')) yield { cells, where: `line ${number}` }
  }
}

function usualTitles({ length }: readonly string[]): readonly string[] {
  return length > 3 ? ['group', 'topic', 'partition', 'offset'] : ['topic', 'partition', 'offset']
}

function csvRow(cells: readonly string[], titles: readonly string[], where: string): RawRow {
  const cell = (name: string) => cells[titles.indexOf(name)]
  return { group: cell('group'), topic: cell('topic'), partition: cell('partition'), offset: cell('offset'), where }
}

function titlesOf(cells: readonly string[]): string[] | undefined {
  const names = cells.map((cell) => cell.toLowerCase().replace(/[^a-z]/g, ''))
  if (!names.includes('topic') || !names.includes('partition')) return undefined
  const column = ['offset', 'newoffset', 'currentoffset'].find((name) => names.includes(name))
  return names.map((name) => (name === column ? 'offset' : name === 'groupid' ? 'group' : name))
}

function cellsOf(line: string): string[] {
  const cells = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? []
  return cells.slice(0, line.endsWith(',') ? cells.length : -1).map((cell) =>
    cell
      .replace(/,$/, '')
      .trim()
      .replace(/^"(.*)"$/s, '$1')
      .replaceAll('""', '"'),
  )
}

function offsetOf({ topic, partition, offset, where }: RawRow, name: string): FileOffset {
  const number = Number(partition)
  const isPlace = typeof topic === 'string' && topic !== '' && isCount(partition) && number < 2 ** 31
  const isForgotten = offset === null || offset === 'none' || offset === '' || offset === '-'
  if (isPlace && (isForgotten || isCount(offset)))
    return { topic, partition: number, offset: isForgotten ? null : Number(offset) }
  throw new UsageError(`${name}, ${where}: it is not of the form topic,partition,offset (a whole number, or none).`)
}

function isCount(value: unknown): boolean {
  return /^\d+$/.test(String(value)) && Number.isSafeInteger(Number(value))
}
