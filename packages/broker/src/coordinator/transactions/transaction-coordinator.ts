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
  type Decision,
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
  type TransactionEvent,
  type TransactionFilters,
  type TransactionShard,
  type WriteMarkers,
} from '@rivven/transactions'
import { leads } from '../../cluster/cluster.js'
import type { BrokerConfig } from '../../config/broker-config.js'
import type { PartitionLog } from '../../log/partition-log.js'
import { listInTurns } from '../shards/list-in-turns.js'
import { ShardHost } from '../shards/shard-host.js'
import { type MaybePromise, ShardHosts } from '../shards/shard-hosts.js'
import type { Asker, Now } from '../shards/shard-rules.js'
import { MarkerWriter, type MarkerWriterOptions } from './markers/marker-writer.js'
import type { ProducerIds } from './producer-ids.js'
import { TransactionMetrics } from './transaction-metrics.js'
import { type TransactionCommand, type TransactionHost, TransactionRules } from './transaction-rules.js'

export interface TransactionCoordinatorOptions extends MarkerWriterOptions {
  readonly config: BrokerConfig
  readonly producerIds: ProducerIds
  /** False while this broker may have been replaced. Default: it serves. */
  readonly isServing?: (() => boolean) | undefined
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
  readonly #hosts: ShardHosts<TransactionShard, TransactionEvent, Decision>
  #sweep: Timer | undefined
  #isClosed = false

  constructor(options: TransactionCoordinatorOptions) {
    this.#options = options
    this.markers = new MarkerWriter(options)
    const { catalog, cluster, config, log, producerIds, isServing } = options
    this.#hosts = new ShardHosts({
      topic: transactionsTopic,
      partitionCount: config.transaction_state_log_num_partitions,
      replicationFactor: config.transaction_state_log_replication_factor,
      configs: topicConfigs(config),
      catalog,
      log,
      isServing,
      leads: (partition) => leads(cluster, transactionsTopic, partition),
      hostOf: (partitionLog) => this.#hostOf(partitionLog),
      loaded: (shard) => {
        producerIds.passOver(highestIn(shard))
        return producerIds.prepare()
      },
      entriesOf: ({ transactions }) => transactions,
      mostEntries: config.max_transactional_ids,
      fullCode: ErrorCode.POLICY_VIOLATION,
    })
  }

  start(): void {
    this.#scheduleSweep()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#sweep?.cancel()
    this.markers.close()
    await this.#hosts.close()
  }

  /** This broker leads the partition of `__transaction_state` from now on: transactions whose outcome was decided go on to their end. */
  gain(partition: number, log: PartitionLog): Promise<void> {
    return this.#hosts.gain(partition, log)
  }

  /** It does no longer: whoever waits, and whoever comes, before `until` too, is told to look for the coordinator. */
  lose(partition: number, until?: Promise<void>): Promise<void> {
    return this.#hosts.lose(partition, until)
  }

  /** Whether the transactional id is coordinated here. */
  coordinates(transactionalId: string): boolean {
    return this.#hosts.of(transactionalId) !== undefined
  }

  /** The partition of `__transaction_state` that holds a transactional id; undefined while the topic does not exist. */
  partitionOf(transactionalId: string): number | undefined {
    const { partitionCount } = this.#hosts
    return partitionCount === 0 ? undefined : partitionForGroup(transactionalId, partitionCount)
  }

  /** Makes the topic of transactions the first time. NONE when they are served, COORDINATOR_NOT_AVAILABLE if that failed. */
  ready(): Promise<number> {
    return this.#hosts.ready().then(
      () => ErrorCode.NONE,
      () => ErrorCode.COORDINATOR_NOT_AVAILABLE,
    )
  }

  initProducerId(request: InitProducerIdRequest, context: Asker): MaybePromise<InitProducerIdResponse> {
    const refuse = (errorCode: number) => initProducerIdRefusal(coordinatorAppendError(errorCode), context.apiVersion)
    return this.#hosts.runForAny({ run: initProducerId, refuse }, request.transactionalId ?? '', request, context)
  }

  addPartitions(request: AddPartitions, context: Asker): MaybePromise<AddPartitionsResult> {
    const refuse = (errorCode: number) => addPartitionsRefusal(request, coordinatorAppendError(errorCode))
    return this.#hosts.run({ run: addPartitions, refuse }, request.transactionalId, request, context)
  }

  /** `partition` of `__consumer_offsets` holds the group. */
  addOffsets(
    request: AddOffsetsToTxnRequest,
    partition: number,
    context: Asker,
  ): MaybePromise<AddOffsetsToTxnResponse> {
    return this.#hosts.run(addOffsetsCommand, request.transactionalId, { request, partition }, context)
  }

  endTransaction(request: EndTxnRequest, context: Asker): MaybePromise<EndTxnResponse> {
    return this.#hosts.run(endCommand, request.transactionalId, request, context)
  }

  describe(transactionalId: string): MaybePromise<DescribedTransaction> {
    const refuse = (errorCode: number) => describeRefusal(transactionalId, coordinatorAppendError(errorCode))
    if (this.#hosts.partitionCount === 0 && !this.#hosts.isMaking) {
      const isNamed = transactionalId !== ''
      return refuse(isNamed ? ErrorCode.TRANSACTIONAL_ID_NOT_FOUND : ErrorCode.INVALID_REQUEST)
    }
    const look = (host: TransactionHost) => host.read((shard) => describeTransaction(shard, transactionalId), refuse)
    return this.#hosts.use(transactionalId, look, refuse)
  }

  /** Transactions of all shards; undefined while one of them loads. */
  async list(filters: TransactionFilters): Promise<ListedTransaction[] | undefined> {
    if (this.#hosts.isAnyComing) return undefined
    const { clock } = this.#options.runtime
    const now = { wall: clock.now(), monotonic: clock.monotonic() }
    return listInTurns([...this.#hosts.all()], clock, (shard) => listTransactions(shard, filters, now))
  }

  /** What is known of every transactional id, of shards that are loaded. May be read over several turns. */
  *all(): Iterable<Transaction> {
    for (const host of this.#hosts.all()) if (host.isLoaded) yield* host.shard.transactions.values()
  }

  /** All transactions there are can be seen. */
  get isLoaded(): boolean {
    if (this.#hosts.isAnyComing) return false
    for (const host of this.#hosts.all()) if (!host.isLoaded) return false
    return true
  }

  #hostOf(log: PartitionLog): TransactionHost {
    const { config, runtime, producerIds, log: logger, isServing } = this.#options
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
    const host: TransactionHost = new ShardHost({ log, runtime, logger, rules, isServing })
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
    this.#sweep = runtime.clock.setTimer(interval, () => this.#sweepNext(this.#hosts.all()[Symbol.iterator]()))
  }

  /** One piece a turn: there may be many ids that nobody uses any more. */
  #sweepNext(hosts: Iterator<TransactionHost>, again?: TransactionHost): void {
    if (this.#isClosed) return
    const host = again ?? hosts.next().value
    if (!host) {
      this.#scheduleSweep()
      return
    }
    let forgotten = 0
    host.act((shard: TransactionShard, now: Now) => {
      const decision = expireTransactionalIds(shard, now, forgottenAtOnce)
      forgotten = decision.events.length
      return decision
    })
    const hasMore = forgotten === forgottenAtOnce
    this.#sweep = this.#options.runtime.clock.setTimer(0, () => this.#sweepNext(hosts, hasMore ? host : undefined))
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

function topicConfigs(config: BrokerConfig): Map<string, string> {
  return new Map([
    ['cleanup.policy', 'compact'],
    ['compression.type', 'uncompressed'],
    ['segment.bytes', String(config.transaction_state_log_segment_bytes)],
  ])
}
