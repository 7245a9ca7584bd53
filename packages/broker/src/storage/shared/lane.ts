// Hot path: every append passes here. One statement is outstanding at a time; what comes meanwhile goes with the next one.
//
// Why nothing is lost (cluster.md §4.3). The lock on a partition's row orders appends (share) and assignments (update), and after a
// wait the epoch is read anew.
// 1. Each epoch is given once, to one incarnation, which opens it once.
// 2. An append that has its lock before an assignment is committed before that one is: whoever loads afterwards finds it. One that comes
//    later sees another epoch and inserts nothing. There is no third case.
// 3. Within a term one leader counts offsets, on one lane with one statement outstanding: no gap, no overlap.
// 4. Leases and clocks are not in this argument; they only decide when to try.
// 5. An acknowledgement is sent after the commit was confirmed.
// 6. Unknown outcome: the identical statement is made again. 'repeated': it was committed before, and `stored` tells which partitions it
//    took (rows at offsets of a term that stands are that term's). A late copy from a healed network meets the same key or another epoch.
import type { Clock } from '@rivven/runtime'
import { isPassing } from '../../database/database-error.js'
import type { Flush, FlushPart, LogTables } from '../../database/log-tables.js'
import { untilAnswered, untilNextTry } from './outage.js'
import type { Outgoing } from './outgoing.js'
import type { SegmentIds } from './segment-ids.js'

const MAX_BYTES = 2_097_152
const MAX_BATCHES = 256

export interface LaneParts {
  readonly tables: Pick<LogTables, 'append' | 'stored'>
  readonly ids: SegmentIds
  readonly clock: Clock
}

/** What one statement carries, and for whom. */
interface Sent {
  readonly flush: Flush
  readonly owners: readonly Outgoing[]
  /** Called when none of them waits for the outcome any more. */
  giveUp(): void
  readonly givenUp: Promise<undefined>
}

/** The appends of some partitions on their way to the database, in the order of each partition. */
export class Lane {
  readonly #parts: LaneParts
  /** Those with batches that wait, the one that waits longest first. */
  readonly #ready = new Set<Outgoing>()
  #sent: Sent | undefined
  #isBusy = false

  constructor(parts: LaneParts) {
    this.#parts = parts
  }

  /** It has batches that wait. */
  add(outgoing: Outgoing): void {
    this.#ready.add(outgoing)
    if (this.#isBusy) return
    this.#isBusy = true
    queueMicrotask(() => void this.#run())
  }

  /** It is closed: nothing of it is to be sent any more. */
  remove(outgoing: Outgoing): void {
    this.#ready.delete(outgoing)
    if (this.#sent?.owners.every(({ isClosed }) => isClosed)) this.#sent.giveUp()
  }

  async #run(): Promise<void> {
    while (this.#ready.size > 0) {
      try {
        await this.#idsAtHand()
        const sent = this.#gather()
        if (sent !== undefined) await this.#send(sent)
      } catch (error) {
        if (!isPassing(error)) this.#fail(error as Error)
      }
    }
    this.#isBusy = false
  }

  /** Each batch of a statement may begin a segment. */
  async #idsAtHand(): Promise<void> {
    const { ids, clock } = this.#parts
    if (ids.has(MAX_BATCHES)) return
    await untilAnswered(
      clock,
      () => this.#ready.size === 0,
      () => ids.ready(MAX_BATCHES),
    )
  }

  /** What waits, as far as it lies in one chunk and fits into one statement. Who has more goes to the end of the line. */
  #gather(): Sent | undefined {
    const owners: Outgoing[] = []
    const parts: FlushPart[] = []
    const room = { bytes: MAX_BYTES, batches: MAX_BATCHES }
    let chunk: number | undefined
    for (const outgoing of [...this.#ready]) {
      if (room.bytes <= 0 || room.batches <= 0) break
      chunk ??= outgoing.chunk
      const part = chunk === undefined ? undefined : outgoing.take(chunk, room)
      if (part !== undefined) {
        owners.push(outgoing)
        parts.push(part)
        this.#ready.delete(outgoing)
      }
      // Who has something for another chunk keeps its place.
      if (outgoing.chunk === undefined) this.#ready.delete(outgoing)
      else this.#ready.add(outgoing)
    }
    return chunk === undefined ? undefined : sentOf({ chunk, parts }, owners)
  }

  #fail(error: Error): void {
    for (const outgoing of this.#ready) outgoing.failed(error)
    this.#ready.clear()
  }

  async #send(sent: Sent): Promise<void> {
    const { owners } = sent
    this.#sent = sent
    try {
      const taken = await this.#outcome(sent)
      for (const outgoing of owners) {
        if (taken.has(outgoing.term.partId)) outgoing.stored()
        else outgoing.refused()
      }
    } catch (error) {
      for (const outgoing of owners) outgoing.failed(error as Error)
    } finally {
      this.#sent = undefined
    }
  }

  /**
   * Made again, word by word, until there is an answer. One that nobody waits for any more need not come: if the statement is done later,
   * it meets other epochs.
   */
  async #outcome({ flush, owners, givenUp }: Sent): Promise<ReadonlySet<number>> {
    const { clock } = this.#parts
    while (owners.some(({ isClosed }) => !isClosed)) {
      try {
        return (await Promise.race([this.#append(flush), givenUp])) ?? NONE
      } catch (error) {
        if (!isPassing(error)) throw error
        await untilNextTry(clock, error)
      }
    }
    return NONE
  }

  async #append(flush: Flush): Promise<ReadonlySet<number>> {
    const { tables } = this.#parts
    const answer = await tables.append(flush)
    return answer === 'repeated' ? tables.stored(flush) : answer
  }
}

const NONE: ReadonlySet<number> = new Set()

function sentOf(flush: Flush, owners: readonly Outgoing[]): Sent {
  let giveUp: () => void = () => undefined
  const givenUp = new Promise<undefined>((resolve) => {
    giveUp = () => resolve(undefined)
  })
  return { flush, owners, givenUp, giveUp }
}
