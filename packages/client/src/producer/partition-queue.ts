import type { ProducerBatch, Stamp } from './producer-batch.js'

export interface ProducerIdentity {
  producerId: number
  epoch: number
  /** Batches belong to a transaction. Default false. */
  isTransactional?: boolean
}

/** Kafka's coordinators count epochs of a producer id up to here; then a new id is needed. */
const lastEpoch = 32766

/**
 * The batches of one partition, and the order and sequences in which they are sent. It does no I/O and knows no time but
 * what it is told.
 *
 *     open (being filled) → ready → in flight → gone
 *                             ↑         ↓
 *                      (start over) ← retries
 *
 * While a batch waits to be sent again, nothing else leaves until all in flight are back, then one at a time: so order
 * holds. A stamp (producer id, epoch, sequence) is given at the first send and kept, since the batch may have been
 * written under it. A batch that was sent and failed leaves a *gap* in the sequences: nothing after it can be accepted
 * until either a later batch is acknowledged (so it was written after all) or the partition starts over with the next
 * epoch, in which the batches that were surely refused get new sequences (KIP-360).
 */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  open: ProducerBatch | null = null
  /** Full batches that were never sent, or may get a new stamp. */
  ready: ProducerBatch[] = []
  /** Sent batches that wait to be sent again, by order. */
  retries: ProducerBatch[] = []
  inFlight: ProducerBatch[] = []
  /** Whether it stands in the line of a broker. */
  isQueued = false
  /** Failed attempts since the last success. */
  failures = 0
  /** Monotonic time before which nothing is sent. */
  pausedUntil = 0
  /** Size of the last full batch: the next one will be as large, likely. */
  usualSize = 1024
  /** The producer id that has no epochs left for this partition; -1 when there is none. */
  exhaustedProducerId = -1
  #identity: ProducerIdentity | null = null
  /** Where those in flight are, and the last ones that were; -1: none was sent yet. */
  #broker = -1
  /**
   * Whether the partition has a batch of this producer id. Brokers take any sequence from an id that they do not know
   * (KIP-98), so the first batch is sent alone: were it lost, the second would be taken in its place.
   */
  #isKnown = true
  #nextSequence = 0
  #nextOrder = 0
  /** Order of the batch that left a gap; -1 when there is none. */
  #gap = -1

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  /** Batches that wait: what the choice of a partition for records without key goes by. */
  get waiting(): number {
    return this.ready.length + this.retries.length + (this.open ? 1 : 0)
  }

  get isEmpty(): boolean {
    return this.waiting === 0 && this.inFlight.length === 0
  }

  get broker(): number {
    return this.#broker
  }

  get needsIdentity(): boolean {
    return this.#identity === null
  }

  /** Gives it a producer id to number its batches under. */
  identify(identity: ProducerIdentity): void {
    this.#identity = { ...identity }
    this.#nextSequence = 0
    this.#isKnown = false
    this.#gap = -1
    this.failures = 0
  }

  /** Ends the batch that is being filled. */
  seal(): void {
    if (!this.open) return
    this.usualSize = this.open.size
    this.ready.push(this.open)
    this.open = null
  }

  /** Whether `take` would give something at `now`. */
  canSend(now: number): boolean {
    if (now < this.pausedUntil) return false
    const isAlone = this.retries.length > 0 || this.#gap >= 0 || !this.#isKnown
    if (isAlone) return this.inFlight.length === 0 && this.waiting > 0
    return this.ready.length > 0
  }

  /** The size of the batch that `take` would give, uncompressed ones guessed. */
  get nextSize(): number {
    return (this.retries[0] ?? this.ready[0])?.wireSize ?? 0
  }

  /**
   * The next batch to send to `broker`, now in flight; null when nothing may leave at present. When the leader has moved
   * those in flight come back first: the new one may not know of the producer yet, and would take a later batch as the
   * first.
   */
  take(now: number, broker: number): ProducerBatch | null {
    const hasMoved = this.inFlight.length > 0 && broker !== this.#broker
    if (hasMoved || !this.canSend(now)) return null
    this.#broker = broker
    const batch = this.#gap >= 0 ? this.#takePastGap() : (this.retries.shift() ?? this.ready.shift())
    if (!batch) return null
    if (batch.order < 0) batch.order = this.#nextOrder++
    if (!batch.stamp && this.#identity) batch.stamp = this.#stamp(this.#identity, batch.count)
    batch.attempts++
    this.inFlight.push(batch)
    return batch
  }

  acknowledged(batch: ProducerBatch): void {
    this.#leaveFlight(batch)
    this.failures = 0
    this.#isKnown = true
    if (this.#gap >= 0 && batch.order > this.#gap) this.#gap = -1
  }

  /** It will be sent again; `maybeWritten` says that this attempt may have succeeded without our knowing. */
  again(batch: ProducerBatch, maybeWritten: boolean): void {
    this.#leaveFlight(batch)
    this.failures++
    if (maybeWritten) batch.maybeWritten = true
    insertByOrder(this.retries, batch)
  }

  /**
   * The broker refused its sequence. Behind an earlier batch that is missing, that is only to be expected: again. As the
   * first one outstanding it leaves a gap; false when it must fail, because an earlier attempt may have written it and
   * the broker no longer knows.
   */
  outOfSequence(batch: ProducerBatch): boolean {
    const isBehind = this.hasEarlier(batch)
    if (isBehind && this.#gap >= 0) batch.maybeWritten = false
    if (!isBehind && batch.maybeWritten) return false
    if (!isBehind) this.#openGap(batch)
    this.again(batch, false)
    return true
  }

  /** Whether batches that were sent before it are still to be acknowledged. */
  hasEarlier(batch: ProducerBatch): boolean {
    const earlier = (other: ProducerBatch) => other !== batch && other.order < batch.order
    return this.inFlight.some(earlier) || this.retries.some(earlier)
  }

  /** Whether no later batch has sequences that depend on those of this one, which is surely not written. */
  isLastStamped(batch: ProducerBatch): boolean {
    const isAlone = this.inFlight.every((other) => other === batch) && this.retries.length === 0 && this.#gap < 0
    return isAlone && !batch.maybeWritten
  }

  /** It failed for good, wherever it was; a gap is left when it was sent. */
  dropped(batch: ProducerBatch): void {
    this.#leaveFlight(batch)
    remove(this.retries, batch)
    remove(this.ready, batch)
    if (this.open === batch) this.open = null
    this.#closeSequences(batch)
  }

  /** Takes its place among those to be sent with parts of it, which get sequences of their own. */
  replaced(batch: ProducerBatch, parts: readonly ProducerBatch[]): void {
    this.dropped(batch)
    if (this.#gap < 0) {
      this.ready.unshift(...parts)
      return
    }
    for (const part of parts) {
      part.order = batch.order
      insertByOrder(this.retries, part)
    }
  }

  /** Batches older than `createdBefore` that are not in flight: they are to be dropped. */
  expired(createdBefore: number): ProducerBatch[] {
    const waiting = [...this.retries, ...this.ready, ...(this.open ? [this.open] : [])]
    return waiting.filter((batch) => batch.createdAt <= createdBefore)
  }

  /** Those that may have been written first, under their old stamps; when there are none, start over. */
  #takePastGap(): ProducerBatch | undefined {
    const doubtful = this.retries.find((batch) => batch.maybeWritten)
    if (doubtful) {
      remove(this.retries, doubtful)
      return doubtful
    }
    this.#startOver()
    return this.#identity ? this.ready.shift() : undefined
  }

  #startOver(): void {
    for (const batch of this.retries) {
      batch.stamp = null
      batch.order = -1
    }
    this.ready.unshift(...this.retries)
    this.retries = []
    this.#gap = -1
    this.#nextSequence = 0
    const { producerId, epoch } = this.#identity!
    if (epoch >= lastEpoch) this.exhaustedProducerId = producerId
    this.#identity = epoch >= lastEpoch ? null : { producerId, epoch: epoch + 1 }
  }

  /** After a sent batch is gone for good: its sequences are given back if nothing follows them, else there is a gap. */
  #closeSequences(batch: ProducerBatch): void {
    if (!batch.stamp) return
    const isLast = !batch.maybeWritten && this.inFlight.length === 0 && this.retries.length === 0 && this.#gap < 0
    const { producerId, epoch } = this.#identity ?? {}
    const isCurrent = batch.stamp.epoch === epoch && batch.stamp.producerId === producerId
    if (isLast && isCurrent && batch.stamp.baseSequence + batch.count === this.#nextSequence) {
      this.#nextSequence = batch.stamp.baseSequence
    } else {
      this.#openGap(batch)
    }
  }

  #openGap(batch: ProducerBatch): void {
    this.#gap = Math.max(this.#gap, batch.order)
  }

  /** Sequences are 31 bits and go on with 0. */
  #stamp(identity: ProducerIdentity, count: number): Stamp {
    const baseSequence = this.#nextSequence
    this.#nextSequence = (baseSequence + count) & 0x7fffffff
    return { ...identity, baseSequence }
  }

  #leaveFlight(batch: ProducerBatch): void {
    remove(this.inFlight, batch)
  }
}

function remove(batches: ProducerBatch[], batch: ProducerBatch): void {
  const at = batches.indexOf(batch)
  if (at >= 0) batches.splice(at, 1)
}

function insertByOrder(batches: ProducerBatch[], batch: ProducerBatch): void {
  const at = batches.findIndex((other) => other.order > batch.order)
  batches.splice(at < 0 ? batches.length : at, 0, batch)
}
