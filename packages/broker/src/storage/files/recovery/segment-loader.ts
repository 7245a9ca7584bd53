import { batchBaseOffset } from '@rivven/protocol'
import type { DiskFile } from '@rivven/runtime'
import type { StoreOwner } from '../../storage.js'
import { noteDamage } from '../damage.js'
import type { FileContext } from '../file-context.js'
import { SoundBatches } from '../segments/sound-batches.js'
import { type BadPlace, type WalkOn, walkSegment } from '../segments/walk-segment.js'
import type { FoundSegment } from './found-segment.js'
import { repairFrom } from './repair.js'
import { claimedEnd, isUnfinished } from './torn-tail.js'

export interface SegmentLoading {
  found: FoundSegment
  owner: StoreOwner
  /** Everything before this offset was promised to somebody. */
  promised: number
  journaled: readonly Buffer[]
}

/** Reads what of one segment is not trusted, and decides on its bad places. */
export class SegmentLoader {
  private readonly context: FileContext
  private readonly loading: SegmentLoading
  private readonly found: FoundSegment
  private readonly rule: SoundBatches
  /** From here on batches are not in the index. */
  private covered = 0
  private repairedAt = -1
  private isCut = false

  constructor(context: FileContext, loading: SegmentLoading) {
    this.context = context
    this.loading = loading
    this.found = loading.found
    const { segment, nextBase, checkpoint } = loading.found
    const maxEpoch = context.newestTerm
    this.rule = new SoundBatches({ from: segment.baseOffset, to: nextBase, maxEpoch, knownOffset: checkpoint?.offset })
  }

  /** 'cut': nothing behind its end was promised, and later segments do not count. The last one gets its index into memory. */
  async load(): Promise<'whole' | 'cut'> {
    const { found, context } = this
    const { segment, size, isLast } = found
    if (isLast) await found.takeIndex(context)
    const trusted = found.trustedSize
    if (found.head !== undefined) segment.takeFacts(found.head)
    segment.writtenSize = size
    if (Math.min(found.head?.size ?? 0, trusted) < size) await this.read(trusted)
    if (!this.isCut) this.closeGap()
    if (!this.isCut) return 'whole'
    // It takes the next appends.
    await context.indexes.pin(segment)
    return 'cut'
  }

  private async read(trusted: number): Promise<void> {
    const { found, context } = this
    const { segment, isLast } = found
    if (!isLast) await found.takeIndex(context)
    this.covered = found.head?.size ?? 0
    const from = Math.min(this.covered, trusted)
    this.rule.expected = this.offsetAt(from, trusted)
    const end = await context.files.use(segment.handle, async (file) => {
      const reached = await this.walk(file, from)
      // What a killed broker had only written counts as stored from now on, so it must be.
      if (reached > trusted || this.repairedAt >= 0) await file.sync()
      return reached
    })
    segment.writtenSize = found.size
    if (end < found.size) await this.cut(end)
    else segment.size = found.size
    segment.nextOffset = Math.max(segment.baseOffset, this.rule.expected)
    if (isLast || this.isCut) return
    await context.indexes.store(segment)
    context.indexes.release(segment)
  }

  private walk(file: DiskFile, from: number): Promise<number> {
    const { found, loading, rule, covered } = this
    const replayFrom = found.checkpoint?.offset ?? 0
    return walkSegment(file, {
      ...{ from, to: found.size, rule },
      visit: (batch, position) => {
        if (position >= covered) {
          found.segment.noteAt(batch, position)
          // Some time since its index was written.
          found.segment.modifiedAt = this.context.clock.now()
        }
        if (batchBaseOffset(batch) >= replayFrom) loading.owner.replay(batch)
      },
      onBad: (place) => this.decide(file, place),
    })
  }

  private async decide(file: DiskFile, place: BadPlace): Promise<WalkOn> {
    const { loading, found } = this
    if (this.repairedAt !== place.position) {
      const end = await repairFrom(loading.journaled, file, { ...place, nextBase: found.nextBase })
      if (end !== undefined) {
        this.repairedAt = place.position
        found.size = Math.max(found.size, end)
        return { again: found.size }
      }
    }
    if (place.fromOffset >= loading.promised && (await isUnfinished(file, place))) {
      this.isCut = true
      if (place.toOffset !== undefined) await this.keepAside(place.position)
      return 'end'
    }
    const toOffset = place.toOffset ?? found.nextBase ?? (await this.endOf(file, place))
    if (toOffset === undefined) {
      this.isCut = true
      await this.keepAside(place.position)
      return 'end'
    }
    noteDamage(this.context, found.segment, { ...place, toOffset })
    this.rule.expected = toOffset
    return 'pass'
  }

  /** Where a log goes on that ends with a damage. */
  private async endOf(file: DiskFile, place: BadPlace): Promise<number | undefined> {
    const claimed = await claimedEnd(file, place)
    const end = Math.max(claimed ?? 0, this.loading.promised)
    return end > place.fromOffset ? end : undefined
  }

  /** Offsets that the log has had for sure, or that come before the next segment, but that are not here. */
  private closeGap(): void {
    const { found, loading } = this
    const { segment, nextBase, size } = found
    const { nextOffset } = segment
    const end = nextBase ?? loading.promised
    if (nextOffset >= end) return
    if (nextOffset >= loading.promised) {
      this.isCut = true
      return
    }
    const isKnown = segment.damages.some(({ toOffset }) => toOffset === end)
    if (!isKnown)
      noteDamage(this.context, segment, { position: size, endPosition: size, fromOffset: nextOffset, toOffset: end })
    segment.nextOffset = end
  }

  /** The rest of a file goes, but may be wanted. */
  private async keepAside(position: number): Promise<void> {
    const { found, context } = this
    const { path } = found.segment.handle
    const kept = await context.setAside.copy(path, position, found.size)
    const text =
      `${path} is no log any more from byte ${position} on, offset ${this.rule.expected}: it was cut there. ` +
      `Nothing behind it is known to have been promised; what was there is kept at ${kept}.`
    context.notices.tell({ level: 'warn', text, facts: { path, position, offset: this.rule.expected, kept } })
  }

  private async cut(end: number): Promise<void> {
    const { found, context } = this
    const { segment } = found
    segment.writtenSize = end
    if (end < this.covered) await this.countAgain(end)
    segment.size = end
    await context.files.use(segment.handle, async (file) => {
      await file.truncate(end)
      await file.sync()
    })
    await context.disk.remove(segment.indexPath)
  }

  /** The index spoke of bytes that are cut off. */
  private async countAgain(end: number): Promise<void> {
    const { segment } = this.found
    segment.forgetFacts(this.context.clock.now())
    segment.startIndex()
    const { baseOffset: from } = segment
    const rule = new SoundBatches({ from, to: this.rule.expected, maxEpoch: this.context.newestTerm })
    await this.context.files.use(segment.handle, (file) =>
      walkSegment(file, {
        ...{ from: 0, to: end, rule },
        visit: (batch, position) => segment.noteAt(batch, position),
        onBad: async () => 'pass',
      }),
    )
  }

  /** The offset that stands at this position, by the word of index or checkpoint. */
  private offsetAt(position: number, trusted: number): number {
    const { head, checkpoint, segment } = this.found
    if (position === 0) return segment.baseOffset
    return position === head?.size ? head.nextOffset : position === trusted ? checkpoint!.offset : segment.baseOffset
  }
}
