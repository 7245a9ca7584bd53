import {
  addOffsets,
  addPartitions,
  createShard,
  type Decision,
  decodeEvent,
  type EncodedRecord,
  encodeEvent,
  endTransaction,
  expireTransactionalIds,
  initProducerId,
  loaded,
  markersWritten,
  type Now,
  replay,
  type Transaction,
  type TransactionConfig,
  type TransactionResponse,
  type TransactionShard,
  tick,
  type WriteMarkers,
} from '../../src/index.js'

/** Who produces. */
export interface Producer {
  readonly transactionalId?: string
  readonly producerId: number
  readonly producerEpoch: number
}

/**
 * Plays the broker around a shard: a log of records, of which some may not be durable yet, and the replies and markers that
 * wait for them.
 */
export class Host {
  shard: TransactionShard
  readonly log: EncodedRecord[] = []
  now: Now = { wall: 1_700_000_000_000, monotonic: 5_000 }
  hasProducerIds = true
  readonly #config: Partial<TransactionConfig>
  #lastProducerId = 999
  #lastTicket = 0

  constructor(config: Partial<TransactionConfig> = {}) {
    this.#config = config
    this.shard = this.#newShard()
  }

  pass(ms: number): void {
    this.now = { wall: this.now.wall + ms, monotonic: this.now.monotonic + ms }
  }

  /** Replays and appends at once, as if every append were durable. */
  apply(decision: Decision): Decision {
    for (const event of decision.events) {
      const record = encodeEvent(event)
      this.log.push(record)
      replay(this.shard, decodeEvent(record.key, record.value)!)
    }
    return decision
  }

  /** A new shard from the first `count` records. */
  restart(count = this.log.length): Decision {
    this.log.length = count
    this.shard = this.#newShard()
    for (const { key, value } of this.log) replay(this.shard, decodeEvent(key, value)!)
    return this.apply(loaded(this.shard, this.now))
  }

  transaction(transactionalId = 'x'): Transaction {
    const transaction = this.shard.transactions.get(transactionalId)
    if (!transaction) throw new Error(`${transactionalId} is not known`)
    return transaction
  }

  /** Puts an id into a state, as a log would. */
  given(transaction: Partial<Transaction>, transactionalId = 'x'): void {
    const whole: Transaction = {
      producerId: 7,
      producerEpoch: 5,
      previousProducerId: 7,
      nextProducerId: -1,
      lastProducerEpoch: -1,
      timeoutMs: 60_000,
      state: 'Empty',
      partitions: null,
      startTimestamp: -1,
      lastUpdateTimestamp: this.now.wall,
      clientTransactionVersion: 0,
      ...transaction,
    }
    const event = { kind: 'TransactionStored', transactionalId, transaction: whole, recordVersion: 1 } as const
    this.apply({ events: [event], replies: [], effects: [] })
  }

  init(
    request: { transactionalId?: string | null; timeoutMs?: number; producerId?: number; producerEpoch?: number } = {},
    apiVersion = 5,
  ) {
    const { transactionalId = 'x', timeoutMs = 60_000, producerId = -1, producerEpoch = -1 } = request
    const asked = { transactionalId, transactionTimeoutMs: timeoutMs, producerId, producerEpoch }
    return this.apply(initProducerId(this.shard, this.call(asked, apiVersion)))
  }

  add(producer: Producer, partitions: number[] = [0], { apiVersion = 3, verifyOnly = false } = {}) {
    const { transactionalId = 'x' } = producer
    const topics = [{ name: 't', partitions }]
    return this.apply(
      addPartitions(this.shard, this.call({ ...producer, transactionalId, verifyOnly, topics }, apiVersion)),
    )
  }

  addOffsets(producer: Producer, partition = 3, apiVersion = 3) {
    const request = { transactionalId: 'x', groupId: 'g', ...producer }
    return this.apply(addOffsets(this.shard, this.call({ request, partition }, apiVersion)))
  }

  end(producer: Producer, committed: boolean, apiVersion: number) {
    const request = { transactionalId: 'x', ...producer, committed }
    return this.apply(endTransaction(this.shard, this.call(request, apiVersion)))
  }

  written(markers: WriteMarkers | undefined, partitions = markers?.partitions) {
    if (!markers) throw new Error('no markers are asked for')
    return this.apply(markersWritten(this.shard, { ...markers, partitions: partitions ?? [] }, this.now))
  }

  tick(transactionalId = 'x') {
    return this.apply(tick(this.shard, transactionalId, this.now))
  }

  expire() {
    return this.apply(expireTransactionalIds(this.shard, this.now))
  }

  call<Request>(request: Request, apiVersion: number) {
    const context = { apiVersion, clientId: 'c', clientHost: '/127.0.0.1' }
    return { ticket: ++this.#lastTicket, request, context, now: this.now }
  }

  #newShard(): TransactionShard {
    const newProducerId = () => (this.hasProducerIds ? ++this.#lastProducerId : null)
    return createShard({ newProducerId, config: this.#config })
  }
}

/** The error code of the one reply; of AddPartitionsToTxn that of its first partition. */
export function codeOf({ replies }: Decision): number {
  const response = onlyResponse(replies)
  if ('topicResults' in response) return response.topicResults[0]!.resultsByPartition[0]!.partitionErrorCode
  return response.errorCode
}

/** Error code, producer id and epoch of the one reply. */
export function identityOf({ replies }: Decision): { errorCode: number; producerId: number; producerEpoch: number } {
  const response = onlyResponse(replies)
  if (!('producerEpoch' in response)) throw new Error('an answer without a producer')
  const { errorCode, producerId, producerEpoch } = response
  return { errorCode, producerId, producerEpoch }
}

function onlyResponse(replies: Decision['replies']): TransactionResponse {
  if (replies.length !== 1) throw new Error(`${replies.length} replies`)
  return replies[0]!.response
}
