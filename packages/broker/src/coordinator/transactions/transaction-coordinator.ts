import {
  type AddOffsetsToTxnRequest,
  type AddOffsetsToTxnResponse,
  coordinatorAppendError,
  type EndTxnRequest,
  type EndTxnResponse,
  ErrorCode,
  type InitProducerIdRequest,
  type InitProducerIdResponse,
  partitionForGroup,
} from '@rivven/protocol'
import type { Timer } from '@rivven/runtime'
import {
  type AddOffsets,
  type AddPartitions,
  type AddPartitionsResult,
  addOffsets,
  addOffsetsAnswer,
  addPartitions,
  addPartitionsRefusal,
  type DescribedTransaction,
  describeRefusal,
  describeTransaction,
  endTransaction,
  endTxnRefusal,
  expireTransactionalIds,
  initProducerId,
  initProducerIdRefusal,
  type ListedTransaction,
  listTransactions,
  markersWritten,
  type Transaction,
  type TransactionFilters,
  type TransactionShard,
  type WriteMarkers,
} from '@rivven/transactions'
import type { BrokerConfig } from '../../config/broker-config.js'
import { loadAll } from '../groups/offsets-topic.js'
import { listInTurns } from '../shards/list-in-turns.js'
import { ShardHost } from '../shards/shard-host.js'
import type { Asker } from '../shards/shard-rules.js'
import { MarkerWriter, type MarkerWriterOptions } from './marker-writer.js'
import type { ProducerIds } from './producer-ids.js'
import { TransactionMetrics } from './transaction-metrics.js'
import { type TransactionCommand, type TransactionHost, TransactionRules } from './transaction-rules.js'

type MaybePromise<T> = T | Promise<T>

export interface TransactionCoordinatorOptions extends MarkerWriterOptions {
  readonly config: BrokerConfig
  readonly producerIds: ProducerIds
}

export const transactionsTopic = '__transaction_state'

/** Expired transactional ids, in one append. */
const forgottenAtOnce = 1_000

/** Who writes in a transaction. */
export interface TransactionalWriter {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

/**
 * The transaction coordinator of this broker: finds the shard of a transactional id by its hash and hands requests to it.
 * Its topic is made when the first producer asks for it.
 */
export class TransactionCoordinator {
  /** Brings markers into partitions, for operators too. */
  readonly markers: MarkerWriter
  readonly metrics = new TransactionMetrics()
  readonly #options: TransactionCoordinatorOptions
  #hosts: readonly TransactionHost[] | undefined
  #opening: Promise<readonly TransactionHost[]> | undefined
  #sweep: Timer | undefined
  #isClosed = false

  constructor(options: TransactionCoordinatorOptions) {
    this.#options = options
    this.markers = new MarkerWriter(options)
  }

  /** Loads the transactions of an earlier life, if there are any; those whose outcome was decided go on to their end. */
  async start(): Promise<void> {
    if (this.#options.catalog.topic(transactionsTopic)) await this.#open()
    this.#scheduleSweep()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#sweep?.cancel()
    this.markers.close()
    const hosts = this.#hosts ?? (this.#opening ? await this.#opening.catch(() => []) : [])
    await Promise.all(hosts.map((host) => host.unload()))
  }

  /** Makes the topic of transactions the first time. NONE when they are served. */
  async ready(): Promise<number> {
    return this.#with('', () => ErrorCode.NONE, notAvailable)
  }

  initProducerId(request: InitProducerIdRequest, context: Asker): MaybePromise<InitProducerIdResponse> {
    const refuse = (errorCode: number) => initProducerIdRefusal(coordinatorAppendError(errorCode), context.apiVersion)
    const command = { run: initProducerId, refuse }
    const id = request.transactionalId ?? ''
    const use = (host: TransactionHost) =>
      this.#isFullFor(host, id) ? refuse(ErrorCode.POLICY_VIOLATION) : host.run(command, request, context)
    return this.#with(id, use, refuse)
  }

  addPartitions(request: AddPartitions, context: Asker): MaybePromise<AddPartitionsResult> {
    const refuse = (errorCode: number) => addPartitionsRefusal(request, coordinatorAppendError(errorCode))
    return this.#run({ run: addPartitions, refuse }, request.transactionalId, request, context)
  }

  /** `partition` of `__consumer_offsets` holds the group. */
  addOffsets(
    request: AddOffsetsToTxnRequest,
    partition: number,
    context: Asker,
  ): MaybePromise<AddOffsetsToTxnResponse> {
    return this.#run(addOffsetsCommand, request.transactionalId, { request, partition }, context)
  }

  endTransaction(request: EndTxnRequest, context: Asker): MaybePromise<EndTxnResponse> {
    return this.#run(endCommand, request.transactionalId, request, context)
  }

  describe(transactionalId: string): MaybePromise<DescribedTransaction> {
    const refuse = (errorCode: number) => describeRefusal(transactionalId, coordinatorAppendError(errorCode))
    if (!this.#hosts && !this.#opening) {
      const isNamed = transactionalId !== ''
      return refuse(isNamed ? ErrorCode.TRANSACTIONAL_ID_NOT_FOUND : ErrorCode.INVALID_REQUEST)
    }
    const look = (host: TransactionHost) => host.read((shard) => describeTransaction(shard, transactionalId), refuse)
    return this.#with(transactionalId, look, refuse)
  }

  /** Transactions of all shards; undefined while one of them loads. */
  async list(filters: TransactionFilters): Promise<ListedTransaction[] | undefined> {
    if (!this.#hosts) return this.#opening ? undefined : []
    const { clock } = this.#options.runtime
    const now = { wall: clock.now(), monotonic: clock.monotonic() }
    return listInTurns(this.#hosts, clock, (shard) => listTransactions(shard, filters, now))
  }

  /** What is known of every transactional id, of shards that are loaded. May be read over several turns. */
  *all(): Iterable<Transaction> {
    for (const host of this.#hosts ?? []) if (host.isLoaded) yield* host.shard.transactions.values()
  }

  /** All transactions there are can be seen. */
  get isLoaded(): boolean {
    return this.#hosts ? this.#hosts.every((host) => host.isLoaded) : !this.#opening
  }

  #run<Request, Response>(
    command: TransactionCommand<Request, Response>,
    transactionalId: string,
    request: Request,
    context: Asker,
  ): MaybePromise<Response> {
    return this.#with(transactionalId, (host) => host.run(command, request, context), command.refuse)
  }

  /** There are as many transactional ids as may be, and this is none of them. A shard that loads says so itself. */
  #isFullFor({ isLoaded, shard }: TransactionHost, transactionalId: string): boolean {
    if (!isLoaded || shard.transactions.has(transactionalId)) return false
    let count = 0
    for (const host of this.#hosts ?? []) count += host.shard.transactions.size
    return count >= this.#options.config.max_transactional_ids
  }

  #with<Result>(
    transactionalId: string,
    use: (host: TransactionHost) => MaybePromise<Result>,
    refuse: (errorCode: number) => Result,
  ): MaybePromise<Result> {
    const hosts = this.#hosts
    if (hosts) return use(hosts[partitionForGroup(transactionalId, hosts.length)]!)
    return this.#open().then(
      (opened) => use(opened[partitionForGroup(transactionalId, opened.length)]!),
      () => refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE),
    )
  }

  #open(): Promise<readonly TransactionHost[]> {
    this.#opening ??= this.#openTopic().then(
      (hosts) => {
        this.#hosts = hosts
        return hosts
      },
      (error: unknown) => {
        this.#opening = undefined
        this.#options.log.error({ error }, `${transactionsTopic} cannot be made`)
        throw error
      },
    )
    return this.#opening
  }

  async #openTopic(): Promise<readonly TransactionHost[]> {
    const { catalog, config, logs, producerIds } = this.#options
    const topic =
      catalog.topic(transactionsTopic) ??
      (await catalog.createTopic(transactionsTopic, config.transaction_state_log_num_partitions, topicConfigs(config)))
    const hosts = Array.from({ length: topic.partitionCount }, (_, partition) => {
      const log = logs.get(transactionsTopic, partition)
      if (!log) throw new Error(`${transactionsTopic}-${partition} has no log.`)
      return this.#hostOf(log)
    })
    await loadAll(hosts)
    for (const { isLoaded, shard } of hosts) if (isLoaded) producerIds.passOver(highestIn(shard))
    await producerIds.prepare()
    return hosts
  }

  #hostOf(log: NonNullable<ReturnType<MarkerWriterOptions['logs']['get']>>): TransactionHost {
    const { config, runtime, producerIds, log: logger } = this.#options
    const transactionConfig = {
      maxTimeoutMs: config.transaction_max_timeout_ms,
      idExpirationMs: config.transactional_id_expiration_ms,
    }
    const options = { newProducerId: () => producerIds.take(), config: transactionConfig }
    const rules = new TransactionRules(
      options,
      (effect) => this.#writeMarkers(host, effect, log.leaderEpoch),
      this.metrics,
    )
    const host: TransactionHost = new ShardHost({ log, runtime, logger, rules })
    return host
  }

  #writeMarkers(host: TransactionHost, effect: WriteMarkers, coordinatorEpoch: number): void {
    const { shard } = host
    const { transactionalId } = effect
    const ended = shard.transactions.get(transactionalId)
    const isTheSame = () => host.isLoaded && host.shard === shard && shard.transactions.get(transactionalId) === ended
    this.markers.writeAll(effect, coordinatorEpoch, {
      written: (partitions) => host.act((current, now) => markersWritten(current, { ...effect, partitions }, now)),
      isWaiting: (topic, partition) =>
        isTheSame() && shard.unmarked.get(transactionalId)?.has(topic, partition) === true,
    })
  }

  #scheduleSweep(): void {
    const { runtime, config } = this.#options
    const interval = config.transaction_remove_expired_transaction_cleanup_interval_ms
    this.#sweep = runtime.clock.setTimer(interval, () => this.#sweepFrom(0))
  }

  /** One piece a turn: there may be many ids that nobody uses any more. */
  #sweepFrom(partition: number): void {
    if (this.#isClosed) return
    const host = this.#hosts?.[partition]
    if (!host) {
      this.#scheduleSweep()
      return
    }
    let forgotten = 0
    host.act((shard, now) => {
      const decision = expireTransactionalIds(shard, now, forgottenAtOnce)
      forgotten = decision.events.length
      return decision
    })
    const next = forgotten === forgottenAtOnce ? partition : partition + 1
    this.#sweep = this.#options.runtime.clock.setTimer(0, () => this.#sweepFrom(next))
  }
}

/** The highest producer id that transactions know, -1 without any. */
function highestIn({ transactions }: TransactionShard): number {
  let highest = -1
  for (const { producerId, nextProducerId } of transactions.values()) {
    highest = Math.max(highest, producerId, nextProducerId)
  }
  return highest
}

const addOffsetsCommand: TransactionCommand<AddOffsets, AddOffsetsToTxnResponse> = {
  run: addOffsets,
  refuse: (errorCode) => addOffsetsAnswer(coordinatorAppendError(errorCode)),
}

const endCommand: TransactionCommand<EndTxnRequest, EndTxnResponse> = {
  run: endTransaction,
  refuse: (errorCode) => endTxnRefusal(coordinatorAppendError(errorCode)),
}

function notAvailable(): number {
  return ErrorCode.COORDINATOR_NOT_AVAILABLE
}

function topicConfigs(config: BrokerConfig): Map<string, string> {
  return new Map([
    ['cleanup.policy', 'compact'],
    ['compression.type', 'uncompressed'],
    ['segment.bytes', String(config.transaction_state_log_segment_bytes)],
  ])
}
