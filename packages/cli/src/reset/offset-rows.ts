import { UsageError } from '../failure.js'

/**
 * Rows of CSV as `topic,partition,offset` (what `kafka-consumer-groups --export` writes, also with the group in front) or with a line
 * of titles (what `rivvenctl -o csv` writes), or of JSON, a list of objects with these names.
 */
export function rawRows(text: string, name: string): Iterable<RawRow> {
  return /^\s*[[{]/.test(text) ? jsonRows(text, name) : csvRows(text)
}

/** One offset as a file has it, not looked at yet. */
export interface RawRow {
  group?: unknown
  topic: unknown
  partition: unknown
  offset: unknown
  metadata?: unknown
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
      metadata: row.metadata,
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
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    const cells = cellsOf(line.replace(/\r$/, ''))
    if (cells.some((cell) => cell !== '')) yield { cells, where: `line ${number}` }
  }
}

function usualTitles({ length }: readonly string[]): readonly string[] {
  return length > 3 ? ['group', 'topic', 'partition', 'offset'] : ['topic', 'partition', 'offset']
}

function csvRow(cells: readonly string[], titles: readonly string[], where: string): RawRow {
  const cell = (name: string) => cells[titles.indexOf(name)]
  const [group, topic, partition] = [cell('group'), cell('topic'), cell('partition')]
  return { group, topic, partition, offset: cell('offset'), metadata: cell('metadata'), where }
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
