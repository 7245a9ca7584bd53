import { ErrorCode, InitProducerId, Produce, type ProduceResponse } from '@rivven/protocol'
import { asRivvenError, errorFromCode, RivvenError } from '../errors.js'
import type { Cluster } from '../net/cluster.js'
import { backoff, retry } from '../net/retry.js'
import type { PartitionQueue, ProducerIdentity } from './partition-queue.js'
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
  /** True while batches leave without waiting for others (flush, close). */
  isHurried = false
  readonly #cluster: Cluster
  readonly #settings: ProducerSettings
  readonly #events: SenderEvents
  readonly #outboxes = new Map<number, Outbox>()
  readonly #leaderless = new Set<PartitionQueue>()
  /** Queues whose producer id has no epochs left. */
  readonly #unnamed = new Set<PartitionQueue>()
  readonly #stopListening: () => void
  #identity: ProducerIdentity | null = null
  #identifying = false
  #isClosed = false

  constructor(cluster: Cluster, settings: ProducerSettings, events: SenderEvents) {
    this.#cluster = cluster
    this.#settings = settings
    this.#events = events
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

  /** Fails all batches that are older than the delivery timeout. */
  expire(queues: Iterable<PartitionQueue>, now: number): void {
    for (const queue of queues) {
      for (const batch of queue.expired(now - this.#settings.deliveryTimeoutMs))
        this.#drop(queue, batch, this.#late(queue, batch))
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
    if (this.#settings.idempotent && !this.#identity) {
      this.#identify()
      return
    }
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
    if (this.#settings.idempotent && queue.needsIdentity && !this.#giveIdentity(queue)) return false
    if (this.#cluster.leaderOf(queue.topic, queue.partition) === outbox.broker) return true
    this.wake(queue)
    return false
  }

  #sealIfDue(queue: PartitionQueue, now: number): void {
    if (!queue.open || queue.ready.length > 0) return
    if (this.isHurried || queue.open.createdAt + this.#settings.lingerMs <= now) queue.seal()
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
    const errorCode = answer?.errorCode
    if (answer === undefined) this.#failedAttempt(parcel, leftOut(queue), true)
    else if (errorCode === ErrorCode.NONE) this.#appended(parcel, answer.baseOffset, answer.logAppendTimeMs)
    else if (errorCode === ErrorCode.DUPLICATE_SEQUENCE_NUMBER) this.#appended(parcel, -1, -1)
    else if (batch.stamp && isSequenceProblem(answer.errorCode))
      this.#outOfSequence(parcel, this.#errorOf(parcel, answer))
    else if (isTooLarge(answer.errorCode) && batch.count > 1) this.#split(parcel)
    else {
      this.#takeHint(queue, answer, whole)
      this.#failedAttempt(parcel, this.#errorOf(parcel, answer), !isRefusal(answer.errorCode))
    }
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
      const { topic, partition } = parcel.queue
      const facts = { ...error.facts, topic, partition, broker }
      const { code, message, retriable, cause } = error
      this.#failedAttempt(parcel, new RivvenError(code, message, { retriable, cause, facts }), maybeWritten)
    }
  }

  #failedAttempt({ queue, batch }: Parcel, error: RivvenError, maybeWritten: boolean): void {
    batch.lastError = error
    const age = this.#cluster.runtime.clock.monotonic() - batch.createdAt
    if (maybeWritten) batch.maybeWritten = true
    if (this.#isClosed || !error.retriable) this.#drop(queue, batch, error)
    else if (age >= this.#settings.deliveryTimeoutMs) this.#drop(queue, batch, this.#late(queue, batch))
    else {
      queue.again(batch, maybeWritten)
      this.#pause(queue)
      this.#refresh()
    }
  }

  /** Lets the partition rest before it is tried again, unless a newer leader is known already. */
  #pause(queue: PartitionQueue): void {
    const { runtime, retryBackoffMs: backoffMs, maxRetryBackoffMs: maxBackoffMs } = this.#cluster
    const pause = backoff(Math.max(1, queue.failures), { random: runtime.random, backoffMs, maxBackoffMs })
    queue.pausedUntil = runtime.clock.monotonic() + pause
    runtime.clock.setTimer(pause, () => {
      queue.pausedUntil = 0
      this.wake(queue)
    })
  }

  #takeHint(queue: PartitionQueue, answer: PartitionAnswer, whole: ProduceResponse): void {
    const { leaderId: leader, leaderEpoch } = answer.currentLeader
    const node = whole.nodeEndpoints.find(({ nodeId }) => nodeId === leader)
    this.#cluster.hintLeader({ topic: queue.topic, partition: queue.partition, leader, leaderEpoch }, node)
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

  #errorOf({ queue, batch }: Parcel, answer: PartitionAnswer): RivvenError {
    const { topic, partition } = queue
    const told = answer.recordErrors.map((record) => record.batchIndexErrorMessage ?? `record ${record.batchIndex}`)
    const reason = [answer.errorMessage, ...told].filter((text) => text !== null && text !== '').join('; ')
    const what = `Producing ${batch.count} records to ${topic}/${partition}`
    const hint = reason === '' ? {} : { hint: `The broker says: ${reason}` }
    return errorFromCode(answer.errorCode, what, { facts: { topic, partition, api: Produce.name }, ...hint })
  }

  #late(queue: PartitionQueue, batch: ProducerBatch): RivvenError {
    const { topic, partition } = queue
    const last = batch.lastError ? ` Last: ${batch.lastError.message}` : ''
    const text = `${batch.count} records for ${topic}/${partition} were not acknowledged within ${this.#settings.deliveryTimeoutMs} ms.${last}`
    const facts = { topic, partition, attempts: batch.attempts }
    return new RivvenError('TIMED_OUT', text, { retriable: true, cause: batch.lastError ?? undefined, facts })
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

  #giveIdentity(queue: PartitionQueue): boolean {
    if (this.#identity?.producerId === queue.exhaustedProducerId) this.#identity = null
    if (this.#identity) {
      queue.identify(this.#identity)
      return true
    }
    this.#unnamed.add(queue)
    this.#identify()
    return false
  }

  /** Asks for a producer id; when there is none to be had, what waits fails for the reason given. */
  #identify(): void {
    if (this.#identifying) return
    this.#identifying = true
    this.#askForIdentity().then(
      (identity) => {
        this.#identity = identity
        this.#identifying = false
        for (const outbox of this.#outboxes.values()) this.#schedule(outbox)
        for (const queue of this.#unnamed) this.wake(queue)
        this.#unnamed.clear()
      },
      (error) => {
        this.#identifying = false
        const reason = asRivvenError(error, 'Asking for a producer id')
        for (const outbox of this.#outboxes.values()) this.#failLine(outbox, reason)
      },
    )
  }

  async #askForIdentity(): Promise<ProducerIdentity> {
    const cluster = this.#cluster
    const { clock, random } = cluster.runtime
    const what = 'Asking for a producer id'
    const timeoutMs = this.#settings.deliveryTimeoutMs
    return retry({ clock, random, what, timeoutMs, signal: cluster.closeSignal }, async () => {
      const answer = await cluster.send('any', InitProducerId, {
        transactionalId: null,
        transactionTimeoutMs: 60_000,
      })
      if (answer.errorCode !== ErrorCode.NONE) throw errorFromCode(answer.errorCode, what)
      return { producerId: answer.producerId, epoch: answer.producerEpoch }
    })
  }

  #failLine(outbox: Outbox, error: RivvenError): void {
    for (const queue of outbox.line.splice(0)) {
      queue.isQueued = false
      for (const batch of queue.expired(Number.POSITIVE_INFINITY)) this.#drop(queue, batch, error)
    }
  }
}

function isTooLarge(errorCode: number): boolean {
  return errorCode === ErrorCode.MESSAGE_TOO_LARGE || errorCode === ErrorCode.RECORD_LIST_TOO_LARGE
}

function leftOut({ topic, partition }: PartitionQueue): RivvenError {
  const text = `The broker's answer says nothing about ${topic}/${partition}, which was in the request.`
  return new RivvenError('INVALID_RESPONSE', text, { retriable: true, facts: { topic, partition } })
}
