import { basename, dirname } from 'node:path/posix'
import { BATCH_HEADER_SIZE, batchBaseOffset, batchNextOffset, batchSize } from '@rivven/protocol'
import type { Platter } from './platter.js'
import type { SeededRandom } from './seeded-random.js'

/** Records that a bit which turned over may have cost. */
export interface LostRange {
  readonly topic: string
  readonly partition: number
  readonly fromOffset: number
  readonly toOffset: number
}

export interface BitFlip {
  readonly path: string
  /** Absent: the file is there twice, or can be made again, so nothing may be lost. */
  readonly lost?: LostRange
}

export interface FlipChoices {
  /** Topics whose records may be lost. */
  readonly topics: readonly string[]
}

type Candidates = (platter: Platter, choices: FlipChoices) => string[]

/** Of each kind those files that a broker, ended and not started again, has done with. */
const kinds: readonly Candidates[] = [
  (platter) => pathsOf(platter, /^\/data\/documents\/[\w-]+(\.copy)?$/).filter((path) => isTwice(platter, path)),
  (platter) => pathsOf(platter, /\.index$/),
  (platter) => pathsOf(platter, /\/checkpoint(\.earlier)?$/).filter((path) => platter.names.has(otherCheckpoint(path))),
  (platter) => pathsOf(platter, /\.journal$/),
  (platter, { topics }) => closedSegments(platter).filter((path) => topics.includes(partitionOf(path).topic)),
]

/** Turns over one bit of a file, if there is any. */
export function flipBit(platter: Platter, random: SeededRandom, choices: FlipChoices): BitFlip | undefined {
  const groups = kinds.map((kind) => kind(platter, choices).sort()).filter((paths) => paths.length > 0)
  if (groups.length === 0) return undefined
  const path = random.pick(random.pick(groups))
  const inode = platter.names.get(path)!
  // A journal is filled with zeros ahead of its entries.
  const filled = inode.bytes.findLastIndex((byte) => byte !== 0) + 1
  if (filled === 0) return undefined
  const at = random.below(filled)
  const lost = path.endsWith('.log') ? { ...partitionOf(path), ...offsetsAt(inode.bytes, at) } : undefined
  inode.flip(at, 1 << random.below(8))
  return { path, ...(lost && { lost }) }
}

function pathsOf(platter: Platter, pattern: RegExp): string[] {
  return [...platter.names].filter(([path, { size }]) => size > 0 && pattern.test(path)).map(([path]) => path)
}

/** Both files of a document say the same: a power cut may have come between the two. */
function isTwice(platter: Platter, path: string): boolean {
  const other = path.endsWith('.copy') ? path.slice(0, -'.copy'.length) : `${path}.copy`
  return platter.names.get(other)?.bytes.equals(platter.names.get(path)!.bytes) === true
}

function otherCheckpoint(path: string): string {
  return path.endsWith('.earlier') ? path.slice(0, -'.earlier'.length) : `${path}.earlier`
}

/** All but the last of each partition, which takes appends. */
function closedSegments(platter: Platter): string[] {
  const segments = pathsOf(platter, /\/\d{20}\.log$/)
  return segments.filter((path) => segments.some((other) => dirname(other) === dirname(path) && other > path))
}

function partitionOf(path: string): { topic: string; partition: number } {
  const [, topic = '', partition] = /^(.+)-(\d+)\./.exec(basename(dirname(path))) ?? []
  return { topic, partition: Number(partition) }
}

/** Of the batch that has this byte. */
function offsetsAt(bytes: Buffer, at: number): { fromOffset: number; toOffset: number } {
  let start = 0
  while (start + batchSize(bytes, start) <= at && start + BATCH_HEADER_SIZE < bytes.length)
    start += batchSize(bytes, start)
  return { fromOffset: batchBaseOffset(bytes, start), toOffset: batchNextOffset(bytes, start) }
}
