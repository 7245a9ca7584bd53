import { batchBaseSequence, batchProducerEpoch, batchProducerId, batchRecordCount } from '@rivven/protocol'
import type { Exchange, Seen, Timed } from '../../history/history.js'
import type { Check, Report } from '../check.js'

/** A batch of an idempotent producer on its way into a partition. */
interface SentBatch {
  readonly partition: string
  /** Producer, epoch and partition: who counts. */
  readonly counter: string
  readonly sequence: number
  readonly count: number
}

/**
 * Invariant 25, of gaps: a log takes nothing of an idempotent producer before it has what comes before. That must have
 * been sent earlier, whoever sent it.
 */
export class Sequences implements Check {
  readonly #report: Report
  /** By producer, epoch and partition: sequences that follow a batch which was sent. */
  readonly #following = new Map<string, Set<number>>()
  /** What came behind a gap when it was sent. */
  readonly #gaps = new WeakMap<Exchange, readonly SentBatch[]>()

  constructor(report: Report) {
    this.#report = report
  }

  see(event: Timed<Seen>): void {
    if (event.kind !== 'request' && event.kind !== 'answer') return
    if (event.exchange.api.name !== 'Produce') return
    if (event.kind === 'request') this.#send(event.exchange)
    else this.#mustBeRefused(event.exchange)
  }

  #send(exchange: Exchange): void {
    const batches = batchesOf(exchange)
    const gaps = batches.filter(({ counter, sequence }) => sequence > 0 && !this.#followingOf(counter).has(sequence))
    if (gaps.length > 0) this.#gaps.set(exchange, gaps)
    for (const { counter, sequence, count } of batches) this.#followingOf(counter).add(sequence + count)
  }

  #mustBeRefused(exchange: Exchange): void {
    for (const { partition, counter, sequence } of this.#gaps.get(exchange) ?? []) {
      if (errorOf(exchange, partition) !== 0) continue
      this.#report(
        '25',
        `${exchange.host} has written ${counter} with sequence ${sequence}, and nothing leads up to it`,
      )
    }
  }

  #followingOf(counter: string): Set<number> {
    const following = this.#following.get(counter) ?? new Set()
    this.#following.set(counter, following)
    return following
  }
}

/** A request has one batch of a partition at most. */
function batchesOf({ request }: Exchange): SentBatch[] {
  const batches: SentBatch[] = []
  for (const topic of request.topicData) {
    for (const { index, records } of topic.partitionData) {
      if (!records || batchProducerId(records) < 0) continue
      const partition = partitionOf(topic, index)
      const counter = `${partition} of producer ${batchProducerId(records)}, epoch ${batchProducerEpoch(records)},`
      batches.push({ partition, counter, sequence: batchBaseSequence(records), count: batchRecordCount(records) })
    }
  }
  return batches
}

function errorOf({ response }: Exchange, partition: string): number | undefined {
  for (const topic of response.responses) {
    for (const { index, errorCode } of topic.partitionResponses) {
      if (partitionOf(topic, index) === partition) return errorCode
    }
  }
  return undefined
}

/** Later versions only know the topic's id; a producer speaks one version. */
function partitionOf({ name, topicId }: { name: string; topicId: string }, index: number): string {
  return `${name || topicId}-${index}`
}
