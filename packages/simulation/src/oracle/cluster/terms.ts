import {
  batchBaseOffset,
  batchBaseSequence,
  batchLeaderEpoch,
  batchProducerEpoch,
  batchProducerId,
  batchSize,
} from '@rivven/protocol'
import type { Exchange, Seen, Timed } from '../../history/history.js'
import type { Check, Report } from '../check.js'
import { brokerIdOf, type Leaders } from './leaders.js'

/**
 * Invariant 37: what a broker acknowledges lies in an epoch in which it led, and in no other, so that at most one broker acknowledges
 * at an epoch; and epochs by which one client asks never go back.
 */
export class Terms implements Check {
  readonly #report: Report
  readonly #leaders: Leaders
  /** By partition and base offset: who has acknowledged what lies there. */
  readonly #acknowledged = new Map<string, string>()
  /** Batches that were sent: who answers one that is sent again need not have written it. */
  readonly #sent = new Set<string>()
  readonly #sentAgain = new WeakMap<Exchange, ReadonlySet<string>>()
  /** By client and partition. */
  readonly #asked = new Map<string, number>()

  constructor(report: Report, leaders: Leaders) {
    this.#report = report
    this.#leaders = leaders
  }

  see(event: Timed<Seen>): void {
    if (event.kind === 'gone') this.#forget(event.host)
    if (event.kind !== 'request' && event.kind !== 'answer') return
    const { exchange } = event
    const isRequest = event.kind === 'request'
    if (exchange.api.name === 'Produce') {
      if (isRequest) this.#seeSent(exchange)
      else this.#seeAcknowledged(exchange)
    } else if (exchange.api.name === 'Fetch') {
      if (isRequest) this.#seeAsked(exchange)
      else this.#seeFetched(exchange)
    }
  }

  #seeSent(exchange: Exchange): void {
    const again = new Set<string>()
    for (const { name, topicId, partitionData } of exchange.request.topicData) {
      for (const { index, records } of partitionData) {
        if (!records || batchProducerId(records) < 0) continue
        const place = `${this.#leaders.idOf(name, topicId)}-${index}`
        const batch = `${place} ${batchProducerId(records)} ${batchProducerEpoch(records)} ${batchBaseSequence(records)}`
        if (this.#sent.has(batch)) again.add(place)
        this.#sent.add(batch)
      }
    }
    this.#sentAgain.set(exchange, again)
  }

  #seeAcknowledged(exchange: Exchange): void {
    for (const { name, topicId, partitionResponses } of exchange.response.responses) {
      for (const { index, errorCode, baseOffset } of partitionResponses) {
        const place = `${this.#leaders.idOf(name, topicId)}-${index}`
        if (errorCode !== 0 || baseOffset < 0 || this.#sentAgain.get(exchange)?.has(place)) continue
        this.#acknowledged.set(`${place}/${baseOffset}`, exchange.broker)
      }
    }
  }

  #seeFetched({ response }: Exchange): void {
    for (const { topic, topicId, partitions } of response.responses ?? []) {
      for (const { partitionIndex, records } of partitions) {
        const place = `${this.#leaders.idOf(topic, topicId)}-${partitionIndex}`
        for (const { baseOffset, epoch } of batchesOf(records)) this.#mustHaveLed(place, baseOffset, epoch)
      }
    }
  }

  #mustHaveLed(place: string, baseOffset: number, epoch: number): void {
    const broker = this.#acknowledged.get(`${place}/${baseOffset}`)
    if (broker === undefined) return
    const leader = this.#leaders.inTerm(place, epoch)
    if (leader === brokerIdOf(broker)) return
    this.#report('37', `${place}/${baseOffset} lies in epoch ${epoch} of broker ${leader}; ${broker} acknowledged it`)
  }

  #seeAsked({ host, clientId, request }: Exchange): void {
    for (const { topic, topicId, partitions } of request.topics ?? []) {
      for (const { partition, currentLeaderEpoch } of partitions) {
        if (currentLeaderEpoch < 0) continue
        const key = `${host} ${clientId} ${this.#leaders.idOf(topic, topicId)}-${partition}`
        const before = this.#asked.get(key) ?? -1
        if (currentLeaderEpoch < before)
          this.#report('37', `${key} is asked for in epoch ${currentLeaderEpoch}, after ${before}`)
        this.#asked.set(key, currentLeaderEpoch)
      }
    }
  }

  #forget(host: string): void {
    for (const key of this.#asked.keys()) if (key.startsWith(`${host} `)) this.#asked.delete(key)
  }
}

/** The last one may be cut short. */
function* batchesOf(records: Buffer | null): Generator<{ baseOffset: number; epoch: number }> {
  if (!records) return
  for (let at = 0; at + 61 <= records.length; at += batchSize(records, at)) {
    yield { baseOffset: batchBaseOffset(records, at), epoch: batchLeaderEpoch(records, at) }
  }
}
