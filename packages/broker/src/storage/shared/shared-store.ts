// Hot path: `append` and `read`. An append costs no I/O by itself: batches gather in the lane.
import type { Term } from '../../database/database.js'
import type { SegmentRow } from '../../database/log-tables.js'
import { keptForMs } from '../../database/metadata.js'
import { SegmentList } from '../segment-list.js'
import type {
  PartitionKey,
  PartitionStore,
  SegmentRewrite,
  StoredBatches,
  StoredRange,
  StoreOwner,
} from '../storage.js'
import { Tail } from '../tail-cache.js'
import { TermOverError } from '../term-over-error.js'
import { CheckpointRule } from './checkpoint-rule.js'
import { DurableEnd } from './durable-end.js'
import type { Lane } from './lane.js'
import type { Amount, LoadedSegments } from './load-partition.js'
import { untilAnswered } from './outage.js'
import { Outgoing } from './outgoing.js'
import type { SharedContext } from './shared-context.js'
import { SharedReader } from './shared-reader.js'
import { SharedRewrite } from './shared-rewrite.js'
import { SharedSegment } from './shared-segment.js'

/** A segment of this size may end where its chunk is closed for being full. */
const WORTH_BYTES = 16_777_216

export interface SharedStoreOptions {
  readonly partition: PartitionKey
  readonly term: Term
  readonly owner: StoreOwner
  readonly loaded: LoadedSegments
  /** An outage is not waited for any longer: it will be closed, and whoever opens it next may be another broker. */
  isGivenUp(): boolean
}

/** What a checkpoint stands for: fixed when it is asked for, written when everything before it is stored. */
interface Mark {
  readonly offset: number
  readonly state: Buffer
  readonly since: Amount
  /** Of segments of which more is known than the database knows. */
  readonly facts: readonly (readonly [SharedSegment, Omit<SegmentRow, 'segmentId' | 'chunk'>])[]
}

/** One partition in the database that brokers share, in one term. What is written there is durable at once. */
export class SharedStore implements PartitionStore {
  readonly partition: PartitionKey
  startOffset: number
  endOffset: number
  readonly #context: SharedContext
  readonly #term: Term
  readonly #owner: StoreOwner
  readonly #list: SegmentList<SharedSegment>
  readonly #tail = new Tail()
  readonly #stored: DurableEnd
  readonly #rule: CheckpointRule
  readonly #outgoing: Outgoing
  readonly #lane: Lane
  readonly #reader: SharedReader
  readonly #isGivenUp: () => boolean
  #error: Error | undefined
  /** Checkpoints, removals and swaps, one after the other. */
  #chores: Promise<unknown> = Promise.resolve()

  constructor(context: SharedContext, { partition, term, owner, loaded, isGivenUp }: SharedStoreOptions) {
    this.#context = context
    this.partition = partition
    this.#term = term
    this.#owner = owner
    this.startOffset = loaded.startOffset
    this.endOffset = loaded.endOffset
    this.#list = new SegmentList(loaded.segments, false)
    this.#stored = new DurableEnd(loaded.endOffset)
    this.#rule = new CheckpointRule(loaded.replayed)
    this.#lane = context.laneOf(partition, term.partId)
    this.#outgoing = new Outgoing(term, this.#outgoingOwner(), context)
    this.#isGivenUp = isGivenUp
    this.#reader = new SharedReader(context, {
      partId: term.partId,
      tail: this.#tail,
      segments: () => this.#list.all,
      writtenOffset: () => this.#stored.offset,
      isClosed: () => this.#isOver,
    })
  }

  get segments(): readonly SharedSegment[] {
    return this.#list.all
  }

  get size(): number {
    return this.#list.size
  }

  get writtenOffset(): number {
    return this.#stored.offset
  }

  get durableOffset(): number {
    return this.#stored.offset
  }

  get isFull(): boolean {
    return this.#context.backlog.bytes >= this.#context.queueMaxBytes
  }

  /** The chunk is of its time, or full, and there is a next one: then it can soon be dropped as a whole. */
  get wantsRoll(): boolean {
    const { places, clock } = this.#context
    const { active } = this.#list
    const chunk = active?.place && places.chunk(active.place.chunk)
    if (active === undefined || chunk === undefined) return false
    const isOld = clock.now() - chunk.openedAt >= keptForMs[chunk.keep] / 16
    const shallEnd = isOld || (chunk.isClosed && active.size >= WORTH_BYTES)
    return shallEnd && places.currentChunk(this.partition) !== chunk.chunk
  }

  get wantsCheckpoint(): boolean {
    return this.#rule.isDue
  }

  append(batch: Buffer): void {
    const { clock, tails } = this.#context
    const segment = this.#activeSegment()
    segment.note(batch, batch.length)
    segment.modifiedAt = clock.now()
    this.#list.size += batch.length
    this.#rule.appended(batch.length)
    this.endOffset = segment.nextOffset
    tails.add(this.#tail, batch, clock.monotonic())
    this.#outgoing.add(segment, batch)
    this.#lane.add(this.#outgoing)
  }

  requestDurable(): void {
    // What is on its way is going to be durable.
  }

  roll(state: Buffer): void {
    if (this.#list.close() === undefined) return
    const mark = this.#mark(state)
    // If this fails, the last checkpoint still stands, and a start reads more.
    this.#chore(() => this.#writeCheckpoint(mark)).catch(() => undefined)
  }

  checkpoint(startOffset: number, state: Buffer): Promise<void> {
    // One that was asked for earlier may have moved it further.
    this.startOffset = Math.max(this.startOffset, startOffset)
    const mark = this.#mark(state)
    return this.#chore(() => this.#writeCheckpoint(mark))
  }

  read(range: StoredRange): StoredBatches | Promise<StoredBatches> {
    return this.#reader.read(range)
  }

  awaited(): void {
    this.#tail.follow(this.#context.clock.monotonic())
  }

  peek(range: StoredRange): StoredBatches | Promise<StoredBatches> {
    return this.#reader.peek(range)
  }

  offsetBeforeTimestamp(timestamp: number): Promise<number | undefined> {
    return this.#reader.offsetBeforeTimestamp(timestamp)
  }

  async verify(): Promise<void> {
    // The database sees to what is damaged.
  }

  removeSegmentsBefore(baseOffset: number): Promise<void> {
    const removed = this.#list.dropBefore(baseOffset)
    if (removed.length > 0) this.#reader.forget()
    return this.#chore(async () => {
      if (removed.length > 0) await this.#swap(removed, [])
    })
  }

  async rewrite(fromOffset: number, toOffset: number): Promise<SegmentRewrite> {
    const { ids, places, tables, clock } = this.#context
    const segmentId = await this.#answer(() => ids.next())
    const place = { segmentId, chunk: places.currentChunk(this.partition) }
    const owner = {
      write: (...written: Parameters<typeof tables.writeSegment>) =>
        this.#answer(() => tables.writeSegment(...written)),
      swapIn: (segment: SharedSegment) => this.#chore(() => this.#swapIn(segment, { fromOffset, toOffset })),
    }
    return new SharedRewrite(owner, place, { fromOffset, toOffset, now: clock.now() })
  }

  async close(): Promise<void> {
    await this.#stored.until(this.endOffset).catch(() => undefined)
    await this.#chores
    await this.abandon()
  }

  async abandon(): Promise<void> {
    this.#end(new Error('The partition is closed.'))
  }

  #outgoingOwner() {
    const { places } = this.#context
    return {
      currentChunk: () => places.currentChunk(this.partition),
      stored: (offset: number) => this.#wasStored(offset),
      refused: () => this.#lose(),
      failed: (error: Error) => this.#fail(error, 'never'),
    }
  }

  #activeSegment(): SharedSegment {
    return this.#list.active ?? this.#list.begin(new SharedSegment(this.endOffset, this.#context.clock.now()))
  }

  /** One commit is both; in this order the high watermark moves once. */
  #wasStored(offset: number): void {
    this.#stored.reached(offset)
    this.#owner.durable(offset)
    this.#owner.written(offset)
  }

  #mark(state: Buffer): Mark {
    const grown = this.#list.all.filter(({ nextOffset, notedOffset }) => nextOffset !== notedOffset)
    const facts = grown.map((segment) => [segment, segment.facts(this.#term.partId)] as const)
    return { offset: this.endOffset, state, since: this.#rule.since, facts }
  }

  async #writeCheckpoint({ offset, state, since, facts }: Mark): Promise<void> {
    await this.#stored.until(offset)
    const { startOffset } = this
    const segments = facts.map(([segment, known]) => ({ ...known, ...segment.place! }))
    await this.#inTerm((tables) => tables.checkpoint(this.#term, { startOffset, offset, state, segments }))
    this.#rule.stored(since, state.length)
    for (const [segment, { nextOffset }] of facts) segment.notedOffset = nextOffset
  }

  async #swapIn(segment: SharedSegment, range: { fromOffset: number; toOffset: number }): Promise<void> {
    const replaced = this.#list.within(range)
    segment.takeTimesOf(replaced)
    await this.#swap(replaced, segment.size > 0 ? [segment] : [])
    // What was removed may still stand there, and must not be cleaned once more.
    this.#context.tails.clear(this.#tail)
    this.#reader.forget()
    this.#list.replace(segment, range)
  }

  async #swap(gone: readonly SharedSegment[], added: readonly SharedSegment[]): Promise<void> {
    await this.#stored.until(Math.max(...gone.map(({ nextOffset }) => nextOffset), 0))
    const { partId } = this.#term
    const goneIds = gone.map(({ place }) => place!.segmentId)
    const rows = added.map((segment) => ({ ...segment.facts(partId), ...segment.place! }))
    await this.#inTerm((tables) => tables.swapSegments(this.#term, goneIds, rows))
  }

  /** Makes a call that answers false where the term is over. */
  async #inTerm(call: (tables: SharedContext['tables']) => Promise<boolean>): Promise<void> {
    if (await this.#answer(() => call(this.#context.tables))) return
    this.#lose()
    throw this.#error
  }

  #answer<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    return untilAnswered(this.#context.clock, () => this.#isOver, call)
  }

  get #isOver(): boolean {
    return this.#error !== undefined || this.#isGivenUp()
  }

  #lose(): void {
    this.#fail(new TermOverError(this.partition, this.#term.epoch), 'lost')
  }

  #fail(error: Error, then: 'never' | 'lost'): void {
    if (this.#end(error)) this.#owner.failed(error, then)
  }

  /** False: it has ended before. */
  #end(error: Error): boolean {
    if (this.#error !== undefined) return false
    this.#error = error
    this.#outgoing.close()
    this.#lane.remove(this.#outgoing)
    this.#stored.fail(error)
    this.#context.tails.clear(this.#tail)
    this.#reader.forget()
    return true
  }

  /** One chore after the other; a failed one does not stop the next. */
  #chore<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#chores.then(work, work)
    this.#chores = done.catch(() => undefined)
    return done
  }
}
