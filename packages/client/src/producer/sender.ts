import { ErrorCode, Produce, type ProduceResponse } from '@rivven/protocol'
import { asRivvenError, type RivvenError } from '../errors.js'
import type { Cluster } from '../net/cluster.js'
import { backoff } from '../net/retry.js'
import type { PartitionQueue } from './partition-queue.js'
import { lateError, leftOutError, lostError, refusedError } from './produce-errors.js'
import {
  answerFor,
  isRefusal,
  isSequenceProblem,
  maxProduceVersion,
  type Parcel,
  type PartitionAnswer,
  produceRequest,
} from './produce-request.js'
import type { BatchResult, ProducerBatch } from './producer-batch.js'
import { ProducerIds } from './producer-ids.js'
import type { ProducerSettings } from './producer-options.js'

/** What waits for one broker. */
interface Outbox {
  broker: number
  /** Queues that have something for it, in the order in which they said so. */
  line: PartitionQueue[]
  inFlight: number
  isScheduled: boolean
}

export interface SenderEvents {
  /** The batch is done with, well or not. */
  settled: (batch: ProducerBatch) => void
  /** A batch was too large for the broker and goes on as these. */
  split: (parts: readonly ProducerBatch[]) => void
}

/** Errors that say that a request never left. */
const neverSent = new Set(['CONNECTION_FAILED', 'BROKER_NOT_AVAILABLE', 'NO_BROKER_REACHABLE', 'UNSUPPORTED_BY_BROKER'])

/** Takes batches from their queues to the leaders of their partitions, and their answers back. */
export class Sender {
  readonly #cluster: Cluster
  readonly #settings: ProducerSettings
  readonly #events: SenderEvents
  readonly #outboxes = new Map<number, Outbox>()
  readonly #leaderless = new Set<PartitionQueue>()
  /** Queues whose producer id has no epochs left. */
  readonly #unnamed = new Set<PartitionQueue>()
  readonly #ids: ProducerIds
  readonly #stopListening: () => void
  /** How many want batches to leave without waiting for others. */
  #hurries = 0
  #isClosed = false

  constructor(cluster: Cluster, settings: ProducerSettings, events: SenderEvents) {
    this.#cluster = cluster
    this.#settings = settings
    this.#events = events
    this.#ids = new ProducerIds(
      cluster,
      settings.deliveryTimeoutMs,
      () => this.#goOn(),
      (error) => this.#failWaiting(error),
    )
    this.#stopListening = cluster.onImage(() => this.#findLeaders())
  }

  /** The queue has something to send: it stands in line at its leader from now on. */
  wake(queue: PartitionQueue): void {
    if (queue.isQueued || this.#isClosed) return
    const leader = this.#cluster.leaderOf(queue.topic, queue.partition)
    if (leader === undefined) {
      this.#waitForLeader(queue)
      return
    }
    const outbox = this.#outbox(leader)
    queue.isQueued = true
    outbox.line.push(queue)
    this.#schedule(outbox)
  }

  /** While it is on, batches leave without waiting for others. */
  hurry(isOn: boolean): void {
    this.#hurries += isOn ? 1 : -1
  }

  get isHurried(): boolean {
    return this.#hurries > 0
  }

  /** Fails all batches that are older than the delivery timeout. */
  expire(queues: Iterable<PartitionQueue>, now: number): void {
    for (const queue of queues) {
      for (const batch of queue.expired(now - this.#settings.deliveryTimeoutMs))
        this.#drop(queue, batch, lateError(batch, this.#settings.deliveryTimeoutMs))
    }
  }

  /** Fails all that waits; what is in flight fails with its connection. */
  close(queues: Iterable<PartitionQueue>, error: RivvenError): void {
    this.#isClosed = true
    this.#stopListening()
    for (const queue of queues) {
      for (const batch of [...queue.expired(Number.POSITIVE_INFINITY), ...queue.inFlight])
        this.#drop(queue, batch, error)
    }
  }

  #outbox(broker: number): Outbox {
    let outbox = this.#outboxes.get(broker)
    if (!outbox) {
      outbox = { broker, line: [], inFlight: 0, isScheduled: false }
      this.#outboxes.set(broker, outbox)
    }
    return outbox
  }

  /** Sends at the end of this turn: records that are produced in the same turn share a batch. */
  #schedule(outbox: Outbox): void {
    if (outbox.isScheduled || outbox.inFlight >= this.#settings.maxInFlight) return
    outbox.isScheduled = true
    queueMicrotask(() => {
      outbox.isScheduled = false
      this.#drain(outbox)
    })
  }

  #drain(outbox: Outbox): void {
    if (this.#settings.idempotent && !this.#ids.current()) return
    while (outbox.inFlight < this.#settings.maxInFlight && outbox.line.length > 0) {
      const parcels = this.#gather(outbox)
      if (parcels.length === 0) return
      void this.#send(outbox, parcels)
    }
  }

  /** One batch of each partition in line, up to the size of a request; those with more stand in line again. */
  #gather(outbox: Outbox): Parcel[] {
    const now = this.#cluster.runtime.clock.monotonic()
    const parcels: Parcel[] = []
    const again: PartitionQueue[] = []
    let bytes = 0
    while (outbox.line.length > 0) {
      const queue = outbox.line[0]!
      this.#sealIfDue(queue, now)
      if (bytes > 0 && bytes + queue.nextSize > this.#settings.maxRequestBytes) break
      outbox.line.shift()
      queue.isQueued = false
      const batch = this.#isStillHere(queue, outbox) ? queue.take(now, outbox.broker) : null
      if (!batch) continue
      bytes += batch.wireSize
      parcels.push({ queue, batch })
      if (queue.canSend(now)) again.push(queue)
    }
    for (const queue of again) queue.isQueued = true
    outbox.line.push(...again)
    return parcels
  }

  #isStillHere(queue: PartitionQueue, outbox: Outbox): boolean {
    if (this.#settings.idempotent && queue.needsIdentity && !this.#identify(queue)) return false
    if (this.#cluster.leaderOf(queue.topic, queue.partition) === outbox.broker) return true
    this.wake(queue)
    return false
  }

  #sealIfDue(queue: PartitionQueue, now: number): void {
    if (!queue.open || queue.ready.length > 0) return
    const left = queue.open.createdAt + this.#settings.lingerMs - now
    if (this.#hurries > 0 || left <= 0) queue.seal()
    // Timers count whole milliseconds and may fire a fraction early; nobody else would come for this batch.
    else this.#cluster.runtime.clock.setTimer(Math.ceil(left), () => this.wake(queue))
  }

  async #send(outbox: Outbox, parcels: Parcel[]): Promise<void> {
    outbox.inFlight++
    try {
      await this.#exchange(outbox.broker, parcels)
    } catch (error) {
      this.#notAnswered(outbox.broker, parcels, asRivvenError(error, `Producing to broker ${outbox.broker}`))
    }
    outbox.inFlight--
    for (const { queue } of parcels) if (!queue.isEmpty) this.wake(queue)
    this.#drain(outbox)
  }

  async #exchange(broker: number, parcels: Parcel[]): Promise<void> {
    const request = produceRequest(parcels, this.#settings)
    if (this.#settings.acks === 0) {
      await this.#cluster.post(broker, Produce, request, { maxVersion: maxProduceVersion })
      for (const parcel of parcels) this.#appended(parcel, -1, -1)
      return
    }
    const timeoutMs = this.#settings.requestTimeoutMs
    const answer = await this.#cluster.send(broker, Produce, request, { timeoutMs, maxVersion: maxProduceVersion })
    for (const parcel of parcels) this.#answered(parcel, answerFor(answer, parcel), answer)
  }

  #answered(parcel: Parcel, answer: PartitionAnswer | undefined, whole: ProduceResponse): void {
    const { queue, batch } = parcel
    if (answer === undefined) this.#tryAgain(parcel, leftOutError(queue), true)
    else if (answer.errorCode === ErrorCode.NONE) this.#appended(parcel, answer.baseOffset, answer.logAppendTimeMs)
    else if (answer.errorCode === ErrorCode.DUPLICATE_SEQUENCE_NUMBER) this.#appended(parcel, -1, -1)
    else if (batch.stamp && isSequenceProblem(answer.errorCode))
      this.#outOfSequence(parcel, refusedError(parcel, answer))
    else if (isTooLarge(answer.errorCode) && batch.count > 1) this.#split(parcel)
    else if (this.#takeHint(queue, answer, whole)) this.#failedAttempt(parcel, refusedError(parcel, answer), true)
    else this.#tryAgain(parcel, refusedError(parcel, answer), !isRefusal(answer.errorCode))
  }

  #appended({ queue, batch }: Parcel, baseOffset: number, logAppendTimeMs: number): void {
    queue.acknowledged(batch)
    this.#finish(batch, { kind: 'appended', baseOffset, logAppendTimeMs })
  }

  #outOfSequence({ queue, batch }: Parcel, error: RivvenError): void {
    batch.lastError = error
    if (queue.outOfSequence(batch)) this.#pause(queue)
    else this.#drop(queue, batch, error)
  }

  #split({ queue, batch }: Parcel): void {
    const parts = batch.split()
    queue.replaced(batch, parts)
    this.#events.split(parts)
    this.#finish(batch, { kind: 'split', parts })
  }

  /** The request got no answer: its batches may have been written, unless it never left. */
  #notAnswered(broker: number, parcels: Parcel[], error: RivvenError): void {
    const maybeWritten = !neverSent.has(error.code)
    for (const parcel of parcels) {
      const isOpen = parcel.queue.inFlight.includes(parcel.batch)
      if (isOpen) this.#tryAgain(parcel, lostError(parcel.queue, broker, error), maybeWritten)
    }
  }

  /** A failed attempt after which it pays to wait, and to ask who leads the partition. */
  #tryAgain(parcel: Parcel, error: RivvenError, maybeWritten: boolean): void {
    this.#failedAttempt(parcel, error, maybeWritten)
    if (parcel.queue.retries.length === 0) return
    this.#pause(parcel.queue)
    this.#refresh()
  }

  #failedAttempt({ queue, batch }: Parcel, error: RivvenError, maybeWritten: boolean): void {
    batch.lastError = error
    if (maybeWritten) batch.maybeWritten = true
    const { deliveryTimeoutMs } = this.#settings
    const age = this.#cluster.runtime.clock.monotonic() - batch.createdAt
    if (this.#isClosed || !error.retriable) this.#drop(queue, batch, error)
    else if (age >= deliveryTimeoutMs) this.#drop(queue, batch, lateError(batch, deliveryTimeoutMs))
    else queue.again(batch, maybeWritten)
  }

  /** Lets the partition rest before it is tried again. */
  #pause(queue: PartitionQueue): void {
    const { runtime, retryBackoffMs: backoffMs, maxRetryBackoffMs: maxBackoffMs } = this.#cluster
    const pause = backoff(Math.max(1, queue.failures), { random: runtime.random, backoffMs, maxBackoffMs })
    queue.pausedUntil = runtime.clock.monotonic() + pause
    runtime.clock.setTimer(pause, () => {
      queue.pausedUntil = 0
      this.wake(queue)
    })
  }

  /** Whether the answer told of a newer leader, so that there is nothing to wait for. */
  #takeHint({ topic, partition }: PartitionQueue, answer: PartitionAnswer, whole: ProduceResponse): boolean {
    const { leaderId: leader, leaderEpoch } = answer.currentLeader
    const before = this.#cluster.leaderOf(topic, partition)
    const node = whole.nodeEndpoints.find(({ nodeId }) => nodeId === leader)
    this.#cluster.hintLeader({ topic, partition, leader, leaderEpoch }, node)
    return this.#cluster.leaderOf(topic, partition) !== before
  }

  #drop(queue: PartitionQueue, batch: ProducerBatch, error: RivvenError): void {
    queue.dropped(batch)
    batch.fail(error)
    this.#events.settled(batch)
  }

  #finish(batch: ProducerBatch, result: BatchResult): void {
    batch.succeed(result)
    this.#events.settled(batch)
  }

  /** Many failures in a row share one Metadata request; when it fails, the next failure asks again. */
  #refresh(): void {
    this.#cluster.refresh().catch(() => this.#findLeaders())
  }

  #waitForLeader(queue: PartitionQueue): void {
    if (this.#leaderless.has(queue)) return
    this.#leaderless.add(queue)
    const { clock, random } = this.#cluster.runtime
    const pause = backoff(++queue.failures, { random, backoffMs: this.#cluster.retryBackoffMs })
    clock.setTimer(pause, () => {
      if (this.#leaderless.has(queue) && !this.#isClosed) {
        this.#leaderless.delete(queue)
        if (!queue.isEmpty) this.wake(queue)
      }
    })
    this.#refresh()
  }

  #findLeaders(): void {
    for (const queue of [...this.#leaderless]) {
      if (this.#cluster.leaderOf(queue.topic, queue.partition) === undefined) continue
      this.#leaderless.delete(queue)
      this.wake(queue)
    }
  }

  #identify(queue: PartitionQueue): boolean {
    const identity = this.#ids.current(queue.exhaustedProducerId)
    if (identity) queue.identify(identity)
    else this.#unnamed.add(queue)
    return identity !== null
  }

  #goOn(): void {
    for (const outbox of this.#outboxes.values()) this.#schedule(outbox)
    for (const queue of this.#unnamed) this.wake(queue)
    this.#unnamed.clear()
  }

  /** Without a producer id what waits fails for the reason given. */
  #failWaiting(error: RivvenError): void {
    for (const outbox of this.#outboxes.values()) this.#failLine(outbox, error)
    for (const queue of this.#unnamed) this.#failAll(queue, error)
    this.#unnamed.clear()
  }

  #failAll(queue: PartitionQueue, error: RivvenError): void {
    for (const batch of queue.expired(Number.POSITIVE_INFINITY)) this.#drop(queue, batch, error)
  }

  #failLine(outbox: Outbox, error: RivvenError): void {
    for (const queue of outbox.line.splice(0)) {
      queue.isQueued = false
      this.#failAll(queue, error)
    }
  }
}

function isTooLarge(errorCode: number): boolean {
  return errorCode === ErrorCode.MESSAGE_TOO_LARGE || errorCode === ErrorCode.RECORD_LIST_TOO_LARGE
}
