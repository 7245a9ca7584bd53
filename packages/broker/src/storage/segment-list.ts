import type { SegmentInfo } from './storage.js'

/** Segments of one partition, oldest first. The last one takes the appends, unless it was rolled. */
export class SegmentList<Segment extends SegmentInfo> {
  /** Bytes in all of them. */
  size: number
  private segments: Segment[]
  private isRolled: boolean

  constructor(segments: Segment[], isRolled: boolean) {
    this.segments = segments
    this.size = bytesOf(segments)
    this.isRolled = isRolled
  }

  get all(): readonly Segment[] {
    return this.segments
  }

  get last(): Segment | undefined {
    return this.segments[this.segments.length - 1]
  }

  /** The one that takes appends, if there is any. */
  get active(): Segment | undefined {
    return this.isRolled ? undefined : this.last
  }

  /** A new one that takes appends. */
  begin(segment: Segment): Segment {
    this.segments.push(segment)
    this.isRolled = false
    return segment
  }

  /** The active one takes no more. Returns it. */
  close(): Segment | undefined {
    const closed = this.active
    this.isRolled = true
    return closed
  }

  at(baseOffset: number): Segment | undefined {
    return this.segments.find((segment) => segment.baseOffset === baseOffset)
  }

  /** The first one that has offsets of a range. */
  firstOf({ offset, endOffset }: { offset: number; endOffset: number }): Segment | undefined {
    return this.segments.find((segment) => segment.nextOffset > offset && segment.baseOffset < endOffset)
  }

  /** Those that lie in a range as a whole. */
  within({ fromOffset, toOffset }: { fromOffset: number; toOffset: number }): readonly Segment[] {
    return this.segments.filter(({ baseOffset, nextOffset }) => baseOffset >= fromOffset && nextOffset <= toOffset)
  }

  /** Leaves out those that begin before an offset. Returns them. */
  dropBefore(baseOffset: number): readonly Segment[] {
    const dropped = this.segments.filter((segment) => segment.baseOffset < baseOffset)
    this.set(this.segments.filter((segment) => segment.baseOffset >= baseOffset))
    return dropped
  }

  /** Puts one in the place of those that lie in a range; an empty one takes no place. Returns the old ones. */
  replace(segment: Segment, range: { fromOffset: number; toOffset: number }): readonly Segment[] {
    const replaced = this.within(range)
    const at = this.segments.indexOf(replaced[0]!)
    this.set(this.segments.toSpliced(at, replaced.length, ...(segment.size > 0 ? [segment] : [])))
    return replaced
  }

  private set(segments: Segment[]): void {
    this.segments = segments
    this.size = bytesOf(segments)
  }
}

function bytesOf(segments: readonly SegmentInfo[]): number {
  return segments.reduce((sum, { size }) => sum + size, 0)
}
