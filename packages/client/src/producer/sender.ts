import { asRivvenError, type RivvenError } from '@rivven/link'
import { Produce } from '@rivven/protocol'
import { clientClosed } from '../net/broker-links.js'
import type { Cluster } from '../net/cluster.js'
import { Attempts } from './attempts.js'
import type { Identities } from './identities.js'
import { LeaderWait } from './leader-wait.js'
import type { PartitionQueue } from './partition-queue.js'
import { closedError, lateError } from './produce-errors.js'
import { answerFor, type Parcel, produceRequest } from './produce-request.js'
import type { ProducerBatch } from './producer-batch.js'
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

/** Takes batches from their queues to the leaders of their partitions, and their answers back. */
export class Sender {
  readonly #cluster: Cluster
  readonly #settings: ProducerSettings
  readonly #outboxes = new Map<number, Outbox>()
  readonly #leaders: LeaderWait
  readonly #attempts: Attempts
  /** Queues whose producer id has no epochs left. */
  readonly #unnamed = new Set<PartitionQueue>()
  readonly #ids: Identities
  /** How many want batches to leave without waiting for others. */
  #hurries = 0
  #isClosed = false

  /** With `identities` of its own it sends for transactions; else for an idempotent producer, or a plain one. */
  constructor(cluster: Cluster, settings: ProducerSettings, events: SenderEvents, identities?: Identities) {
    this.#cluster = cluster
    this.#settings = settings
    const known = () => this.goOn()
    const failed = (error: RivvenError) => this.#failWaiting(error)
    this.#ids = identities ?? new ProducerIds(cluster, settings.deliveryTimeoutMs, known, failed)
    const wake = (queue: PartitionQueue) => this.wake(queue)
    this.#leaders = new LeaderWait(cluster, wake)
    this.#attempts = new Attempts({
      cluster,
      settings,
      identities: this.#ids,
      leaders: this.#leaders,
      wake,
      ...events,
    })
  }

  /** The queue has something to send: it stands in line at its leader from now on. */
  wake(queue: PartitionQueue): void {
    if (queue.isQueued || this.#isClosed) return
    const leader = this.#cluster.leaderOf(queue.topic, queue.partition)
    if (leader === undefined) {
      this.#leaders.add(queue)
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
        this.#attempts.drop(queue, batch, lateError(batch, this.#settings.deliveryTimeoutMs))
    }
  }

  /** Fails all that waits; what is in flight fails with its connection. */
  close(queues: Iterable<PartitionQueue>): void {
    this.#isClosed = true
    this.#leaders.close()
    this.#attempts.endWith(clientClosed())
    for (const queue of queues) {
      for (const batch of [...queue.expired(Number.POSITIVE_INFINITY), ...queue.inFlight])
        this.#attempts.drop(queue, batch, closedError(batch))
    }
  }

  /** Fails all that waits, and what is in flight unless that attempt succeeds, until `admitAgain`. */
  discard(queues: Iterable<PartitionQueue>, error: RivvenError): void {
    this.#attempts.endWith(error)
    for (const queue of queues) this.#failAll(queue, error)
  }

  admitAgain(): void {
    if (!this.#isClosed) this.#attempts.endWith(null)
  }

  /** Sends what had to wait for an identity. */
  goOn(): void {
    for (const outbox of this.#outboxes.values()) this.#schedule(outbox)
    for (const queue of this.#unnamed) this.wake(queue)
    this.#unnamed.clear()
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
    if (this.#cluster.leaderOf(queue.topic, queue.partition) !== outbox.broker) {
      this.wake(queue)
      return false
    }
    return !this.#settings.idempotent || this.#ids.admits(queue)
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
      this.#attempts.notAnswered(outbox.broker, parcels, asRivvenError(error, `Producing to broker ${outbox.broker}`))
    }
    outbox.inFlight--
    for (const { queue } of parcels) if (!queue.isEmpty) this.wake(queue)
    this.#drain(outbox)
  }

  async #exchange(broker: number, parcels: Parcel[]): Promise<void> {
    const { transactionalId, maxProduceVersion: maxVersion } = this.#ids
    const request = produceRequest(parcels, this.#settings, transactionalId)
    if (this.#settings.acks === 0) {
      await this.#cluster.post(broker, Produce, request, { maxVersion })
      for (const parcel of parcels) this.#attempts.appended(parcel, -1, -1)
      return
    }
    const timeoutMs = this.#settings.requestTimeoutMs
    const answer = await this.#cluster.send(broker, Produce, request, { timeoutMs, maxVersion })
    for (const parcel of parcels) this.#attempts.answered(parcel, answerFor(answer, parcel), answer)
  }

  #identify(queue: PartitionQueue): boolean {
    const identity = this.#ids.current(queue.exhaustedProducerId)
    if (identity) queue.identify(identity)
    else this.#unnamed.add(queue)
    return identity !== null
  }

  /** Without a producer id what waits fails for the reason given. */
  #failWaiting(error: RivvenError): void {
    for (const outbox of this.#outboxes.values()) this.#failLine(outbox, error)
    for (const queue of this.#unnamed) this.#failAll(queue, error)
    this.#unnamed.clear()
  }

  #failAll(queue: PartitionQueue, error: RivvenError): void {
    for (const batch of queue.expired(Number.POSITIVE_INFINITY)) this.#attempts.drop(queue, batch, error)
  }

  #failLine(outbox: Outbox, error: RivvenError): void {
    for (const queue of outbox.line.splice(0)) {
      queue.isQueued = false
      this.#failAll(queue, error)
    }
  }
}
