import type { PartitionKey } from '../../storage.js'

/** A folder name may have 255 bytes; the id alone tells topics apart. */
const MAX_TOPIC_CHARACTERS = 200
const DIGITS = 20

/** Folder of a partition: readable, and never that of an older topic of the same name. */
export function folderOf({ topic, topicId, partition }: PartitionKey): string {
  return `${topic.slice(0, MAX_TOPIC_CHARACTERS)}-${partition}.${topicId}`
}

export function partitionOf(folder: string): PartitionKey | undefined {
  const match = /^(.+)-(\d+)\.([\w-]+)$/.exec(folder)
  if (match === null) return undefined
  return { topic: match[1]!, partition: Number(match[2]), topicId: match[3]! }
}

/** Kafka's names: 20 digits of the first offset. */
export function segmentName(baseOffset: number, ending: 'log' | 'index' | 'log.cleaned'): string {
  return `${digits(baseOffset)}.${ending}`
}

/** A rewritten segment that replaces all others from `fromOffset` to `toOffset`, from the moment that it has this name. */
export function swapName(fromOffset: number, toOffset: number): string {
  return `${digits(fromOffset)}-${digits(toOffset)}.swap`
}

export interface PartitionFiles {
  /** Base offsets, ascending. */
  segments: number[]
  /** Base offsets of segments that have an index, but are not there. */
  missing: number[]
  swaps: { name: string; fromOffset: number; toOffset: number }[]
  /** What a crash has left half done. */
  leftovers: string[]
}

/** What the names in a partition's folder say. */
export function sortNames(names: readonly string[]): PartitionFiles {
  const files: PartitionFiles = { segments: [], missing: [], swaps: [], leftovers: [] }
  for (const name of names) {
    const segment = /^(\d{20})\.log$/.exec(name)
    const index = /^(\d{20})\.index$/.exec(name)
    const swap = /^(\d{20})-(\d{20})\.swap$/.exec(name)
    if (segment) files.segments.push(Number(segment[1]))
    else if (index) files.missing.push(Number(index[1]))
    else if (swap) files.swaps.push({ name, fromOffset: Number(swap[1]), toOffset: Number(swap[2]) })
    else if (/\.(cleaned|new)$/.test(name)) files.leftovers.push(name)
  }
  files.segments.sort((a, b) => a - b)
  files.missing = files.missing.filter((base) => !files.segments.includes(base))
  return files
}

function digits(offset: number): string {
  return String(offset).padStart(DIGITS, '0')
}
