// Hot path: a fetch that memory can answer makes no promise (small fetches: 30,000/s and more).
import { ErrorCode } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import { Breath } from '../breath.js'
import type { FetchTarget } from './fetch-target.js'
import { type Isolation, type PartitionAnswer, readPartition, unread } from './read-partition.js'

/** Of one answer no more records lie in memory; what goes beyond is read while it is sent (another 1.5 MiB at one time). */
const MAX_HELD_BYTES = 512 * 1024
/** Of one partition: all that a client asks for as a rule. To read that at once is a quarter cheaper than in pieces. */
const MAX_HELD_BYTES_OF_ONE = 1024 * 1024
/** Of more partitions than that it is looked at the clock after each so many: others shall have their turn. */
const READ_BEFORE_A_LOOK = 64

export interface ReadingOptions {
  readonly maxBytes: number
  readonly minBytes: number
  readonly isolation: Isolation
  readonly clock: Clock
}

/** What has been read for one fetch so far, partition by partition in the order in which they take from its bytes. */
export class FetchReading {
  readonly targets: readonly FetchTarget[]
  readonly answers: PartitionAnswer[] = []
  readonly #options: ReadingOptions
  readonly #maxHeld: number
  /** Where there are many partitions. */
  readonly #breath: Breath | undefined
  #size = 0
  /** Of these, bytes in memory. */
  #held = 0
  #isUrgent = false

  constructor(targets: readonly FetchTarget[], options: ReadingOptions) {
    this.targets = targets
    this.#options = options
    this.#maxHeld = targets.length === 1 ? MAX_HELD_BYTES_OF_ONE : MAX_HELD_BYTES
    this.#breath = targets.length > READ_BEFORE_A_LOOK ? new Breath(options.clock) : undefined
  }

  /** Reads every partition. A promise only where bytes must come from storage, or there are many partitions. */
  readAll(): undefined | Promise<void> {
    return this.#readFrom(0)
  }

  /** Is there enough, or a reason not to wait for it (data-plane.md §9.1)? */
  get isEnough(): boolean {
    return this.#size >= this.#options.minBytes || this.#isUrgent
  }

  /** Bytes read. */
  get size(): number {
    return this.#size
  }

  /** So large it might have been, if all partitions may have as much as the first one. */
  get mostBytes(): number {
    return Math.min(this.#options.maxBytes, this.targets.length * (this.targets[0]?.wish.maxBytes ?? 0))
  }

  get minBytes(): number {
    return this.#options.minBytes
  }

  /** Has one of the partitions an error, or something else that must be told? */
  get isUrgent(): boolean {
    return this.#isUrgent
  }

  /** Nobody will get this answer. */
  release(): void {
    for (const { later } of this.answers) later?.release()
  }

  /** Gives back all records: they are read again by the next fetch. */
  dropRecords(): void {
    for (let place = 0; place < this.answers.length; place++) this.#take(place, undefined)
  }

  /** Takes back what its client may not read any more. */
  withhold(mayRead: (topic: string) => boolean): void {
    for (const [place, { wish, log }] of this.targets.entries()) {
      if (log === undefined || mayRead(log.topic)) continue
      this.#take(place, undefined)
      this.#take(place, unread(wish, ErrorCode.TOPIC_AUTHORIZATION_FAILED, true))
    }
  }

  /** Reads those partitions again that have changed, within what the others leave. */
  async readAgain(places: Iterable<number>): Promise<void> {
    for (const place of places) {
      this.#take(place, undefined)
      const read = this.#read(place)
      this.#take(place, read instanceof Promise ? await read : read)
    }
  }

  #readFrom(first: number): undefined | Promise<void> {
    for (let place = first; place < this.targets.length; place++) {
      if (this.#breath && place % READ_BEFORE_A_LOOK === 0 && this.#breath.isDue) return this.#rest(this.#breath, place)
      const read = this.#read(place)
      if (read instanceof Promise) return this.#continueWhen(read, place)
      this.#take(place, read)
    }
    return undefined
  }

  async #rest(breath: Breath, place: number): Promise<void> {
    await breath.take()
    await this.#readFrom(place)
  }

  async #continueWhen(read: Promise<PartitionAnswer>, place: number): Promise<void> {
    this.#take(place, await read)
    await this.#readFrom(place + 1)
  }

  #read(place: number): PartitionAnswer | Promise<PartitionAnswer> {
    const { maxBytes, isolation } = this.#options
    // The first partition with data gives one batch at least, else one larger than the limits would block for ever.
    return readPartition(this.targets[place] as FetchTarget, {
      maxBytes: maxBytes - this.#size,
      atLeastOne: this.#size === 0,
      mayHold: Math.max(0, this.#maxHeld - this.#held),
      isolation,
    })
  }

  #take(place: number, answer: PartitionAnswer | undefined): void {
    const before = this.answers[place]
    this.#size += (answer?.size ?? 0) - (before?.size ?? 0)
    this.#held += heldBy(answer) - heldBy(before)
    if (!answer) {
      before?.later?.release()
      if (before) this.answers[place] = { ...before, records: [], later: undefined, size: 0 }
      return
    }
    this.answers[place] = answer
    if (answer.isUrgent) this.#isUrgent = true
  }
}

function heldBy(answer: PartitionAnswer | undefined): number {
  return answer === undefined || answer.later !== undefined ? 0 : answer.size
}
