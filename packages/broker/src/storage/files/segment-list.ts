import type { FileSegment } from './segments/file-segment.js'

/** Segments of one partition, oldest first. The last one takes the appends, unless it was rolled. */
export class SegmentList {
  /** Bytes in all of them. */
  size: number
  private segments: FileSegment[]
  private isRolled: boolean

  constructor(segments: FileSegment[], isRolled: boolean) {
    this.segments = segments
    this.size = bytesOf(segments)
    this.isRolled = isRolled
  }

  get all(): readonly FileSegment[] {
    return this.segments
  }

  get last(): FileSegment | undefined {
    return this.segments[this.segments.length - 1]
  }

  /** The one that takes appends, if there is any. */
  get active(): FileSegment | undefined {
    return this.isRolled ? undefined : this.last
  }

  /** A new one that takes appends. */
  begin(segment: FileSegment): FileSegment {
    this.segments.push(segment)
    this.isRolled = false
    return segment
  }

  /** The active one takes no more. Returns it. */
  close(): FileSegment | undefined {
    const closed = this.active
    this.isRolled = true
    return closed
  }

  at(baseOffset: number): FileSegment | undefined {
    return this.segments.find((segment) => segment.baseOffset === baseOffset)
  }

  /** The first one that has offsets of a range. */
  within({ offset, endOffset }: { offset: number; endOffset: number }): FileSegment | undefined {
    return this.segments.find((segment) => segment.nextOffset > offset && segment.baseOffset < endOffset)
  }

  /** Leaves out those that begin before an offset. Returns them. */
  dropBefore(baseOffset: number): readonly FileSegment[] {
    const dropped = this.segments.filter((segment) => segment.baseOffset < baseOffset)
    this.set(this.segments.filter((segment) => segment.baseOffset >= baseOffset))
    return dropped
  }

  /** Puts one in the place of those that lie in a range; an empty one takes no place. Returns the old ones. */
  replace(
    segment: FileSegment,
    { fromOffset, toOffset }: { fromOffset: number; toOffset: number },
  ): readonly FileSegment[] {
    const isReplaced = (old: FileSegment) => old.baseOffset >= fromOffset && old.nextOffset <= toOffset
    const replaced = this.segments.filter(isReplaced)
    const at = this.segments.findIndex(isReplaced)
    this.set(this.segments.toSpliced(at, replaced.length, ...(segment.size > 0 ? [segment] : [])))
    return replaced
  }

  private set(segments: FileSegment[]): void {
    this.segments = segments
    this.size = bytesOf(segments)
  }
}

function bytesOf(segments: readonly FileSegment[]): number {
  return segments.reduce((sum, { size }) => sum + size, 0)
}
