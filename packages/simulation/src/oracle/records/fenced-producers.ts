import { type AddPartitionsToTxnResponse, batchProducerEpoch, batchProducerId } from '@rivven/protocol'
import type { Exchange, Seen, Timed } from '../../history/history.js'
import type { Check, Report } from '../check.js'

interface Holder {
  readonly producerId: number
  readonly epoch: number
  readonly since: number
}

/**
 * Invariants 30 and 31: an epoch of a transactional id is handed to one producer only, and once a newer producer has its
 * own, nothing of an older one succeeds that was sent afterwards. The end of a transaction hands out the next epoch, too.
 */
export class FencedProducers implements Check {
  readonly #report: Report
  /** By transactional id: to whom InitProducerId gave it. */
  readonly #holders = new Map<string, Holder>()
  /** The same with what ends of transactions hand out, for whatever belongs to the next transaction. */
  readonly #newest = new Map<string, Holder>()
  readonly #handedOut = new Set<string>()

  constructor(report: Report) {
    this.#report = report
  }

  see(event: Timed<Seen>): void {
    if (event.kind !== 'answer') return
    const { exchange } = event
    switch (exchange.api.name) {
      case 'InitProducerId':
        this.#handOut(exchange, event.at)
        return
      case 'EndTxn':
        if (exchange.response.errorCode === 0) this.#seeEnd(exchange, event.at)
        return
      case 'AddPartitionsToTxn':
        this.#seeAddition(exchange)
        return
      case 'AddOffsetsToTxn':
        if (exchange.response.errorCode === 0) this.#mustHold(exchange, exchange.request, this.#newest)
        return
      case 'TxnOffsetCommit':
        if (hasSuccess(exchange.response.topics, 'partitions')) this.#mustHold(exchange, exchange.request)
        return
      case 'Produce':
        this.#seeProduce(exchange)
        return
    }
  }

  #handOut({ request, response }: Exchange, at: number): void {
    const { transactionalId } = request
    if (transactionalId === null || response.errorCode !== 0) return
    const { producerId, producerEpoch } = response
    const name = `${transactionalId} ${producerId} ${producerEpoch}`
    // Who names its own epoch may ask again for the same answer.
    if (request.producerId < 0 && this.#handedOut.has(name)) {
      this.#report('31', `epoch ${producerEpoch} of ${transactionalId} is handed out twice`)
    }
    this.#handedOut.add(name)
    this.#holders.set(transactionalId, { producerId, epoch: producerEpoch, since: at })
    this.#raise(transactionalId, { producerId, epoch: producerEpoch, since: at })
  }

  /** Since its fifth version EndTxn hands out the epoch of the next transaction. */
  #seeEnd(exchange: Exchange, at: number): void {
    const { transactionalId } = exchange.request
    const { producerId, producerEpoch } = exchange.response
    this.#mustHold(exchange, exchange.request)
    // The one before may ask again for the end that took its epoch away.
    this.#mustHold(exchange, exchange.request, this.#newest, 1)
    if (producerId < 0) return
    this.#handedOut.add(`${transactionalId} ${producerId} ${producerEpoch}`)
    this.#raise(transactionalId, { producerId, epoch: producerEpoch, since: at })
  }

  /** Who asks again is told again what is known. */
  #raise(transactionalId: string, holder: Holder): void {
    const known = this.#newest.get(transactionalId)
    if (known?.producerId === holder.producerId && known.epoch >= holder.epoch) return
    this.#newest.set(transactionalId, holder)
  }

  /** As clients ask; brokers among themselves speak later versions. */
  #seeAddition(exchange: Exchange): void {
    const { version, request, response } = exchange
    if (version > 3 || !response.resultsByTopicV3AndBelow.some(isAdded)) return
    const {
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
    } = request
    this.#mustHold(exchange, { transactionalId, producerId, producerEpoch }, this.#newest)
  }

  #seeProduce(exchange: Exchange): void {
    const { request, response } = exchange
    if (request.transactionalId === null || !hasSuccess(response.responses, 'partitionResponses')) return
    const records: Buffer | undefined = request.topicData[0]?.partitionData[0]?.records
    if (!records) return
    const producer = { producerId: batchProducerId(records), producerEpoch: batchProducerEpoch(records) }
    this.#mustHold(exchange, { transactionalId: request.transactionalId, ...producer })
  }

  #mustHold(
    { api, host, sentAt }: Exchange,
    asked: { transactionalId: string; producerId: number; producerEpoch: number },
    holders: ReadonlyMap<string, Holder> = this.#holders,
    mayBeBehind = 0,
  ): void {
    const holder = holders.get(asked.transactionalId)
    if (!holder || holder.producerId !== asked.producerId || sentAt <= holder.since) return
    if (asked.producerEpoch + mayBeBehind >= holder.epoch) return
    const what = `${api.name} of ${host} with epoch ${asked.producerEpoch} succeeds`
    this.#report('31', `${what}, though ${asked.transactionalId} was given epoch ${holder.epoch} before it was sent`)
  }
}

function isAdded({ resultsByPartition }: AddPartitionsToTxnResponse['resultsByTopicV3AndBelow'][number]): boolean {
  return resultsByPartition.some(({ partitionErrorCode }) => partitionErrorCode === 0)
}

// biome-ignore lint/suspicious/noExplicitAny: topics of several APIs.
function hasSuccess(topics: any[], partitions: string): boolean {
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  return topics.some((topic) => topic[partitions].some((partition: any) => partition.errorCode === 0))
}
