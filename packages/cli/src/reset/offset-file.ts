import { UsageError } from '../failure.js'
import { type RawRow, rawRows } from './offset-rows.js'

/** One line of an offsets file. */
export interface FileOffset {
  topic: string
  partition: number
  /** null: `none`, forget what is committed. */
  offset: number | null
  /** What is committed with it; absent: the file does not say. */
  metadata?: string
}

/** Reads the offsets for one group; those of other groups are left out. */
export function parseOffsets(text: string, name: string, groupId: string): FileOffset[] {
  const byGroup = offsetsByGroup(text, name)
  const offsets = [...(byGroup.get(null) ?? []), ...(byGroup.get(groupId) ?? [])]
  mustBeOnce(offsets, name)
  if (offsets.length === 0) throw new UsageError(`${name} holds no offsets for group "${groupId}".`)
  return offsets
}

/** The offsets of all groups that a file names; null: of whatever group. */
export function offsetsByGroup(text: string, name: string): Map<string | null, FileOffset[]> {
  const byGroup = new Map<string | null, FileOffset[]>()
  for (const row of rawRows(text, name)) {
    const group = row.group ? String(row.group) : null
    const offsets = byGroup.get(group) ?? []
    byGroup.set(group, offsets)
    offsets.push(offsetOf(row, name))
  }
  for (const offsets of byGroup.values()) mustBeOnce(offsets, name)
  return byGroup
}

function mustBeOnce(offsets: readonly FileOffset[], name: string): void {
  const seen = new Set<string>()
  for (const { topic, partition } of offsets) {
    const key = `${topic}/${partition}`
    if (seen.has(key)) throw new UsageError(`${name} names ${key} twice.`)
    seen.add(key)
  }
}

function offsetOf({ topic, partition, offset, metadata, where }: RawRow, name: string): FileOffset {
  const number = Number(partition)
  const isPlace = typeof topic === 'string' && topic !== '' && isCount(partition) && number < 2 ** 31
  const isForgotten = offset === null || offset === 'none' || offset === '' || offset === '-'
  if (isPlace && (isForgotten || isCount(offset)))
    return {
      ...{ topic, partition: number, offset: isForgotten ? null : Number(offset) },
      ...(typeof metadata === 'string' && { metadata }),
    }
  throw new UsageError(`${name}, ${where}: it is not of the form topic,partition,offset (a whole number, or none).`)
}

function isCount(value: unknown): boolean {
  return /^\d+$/.test(String(value)) && Number.isSafeInteger(Number(value))
}
