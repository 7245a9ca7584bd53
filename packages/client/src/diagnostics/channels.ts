import type { RebalanceProtocol } from '@rivven/groups'
import type { Address } from '@rivven/runtime'
import type { OffsetToCommit } from '../admin/group-offsets.js'
import type { ConsumerRecord } from '../consumer/fetch/consumer-record.js'
import type { AppendedRange, ProducerRecord, RecordMetadata } from '../producer/record.js'
import type { TopicPartition } from '../topic-partition.js'
import type { ConsumerMetrics } from './metrics.js'
import { News, type Outcome, Tracing } from './tracing.js'

/** `rivven:producer:send`: one `send` or `sendMany`, until all of it is acknowledged or has failed. */
export interface SendTrace extends Outcome<RecordMetadata | AppendedRange[]> {
  clientId: string
  /** null: not in a transaction. */
  transactionalId: string | null
  /** Whether it is a `sendMany`. */
  isMany: boolean
  /** What is sent: copies, whose headers a subscriber of `start` may replace. */
  records: ProducerRecord[]
  /** Who leads the partition of the (first) record, once that is acknowledged. */
  server?: Address | undefined
}

/** Whose trace or news it is. */
export interface OfConsumer {
  clientId: string
  /** null: it reads without a group. */
  groupId: string | null
}

/** `rivven:consumer:poll`: the wait for records, by `poll` or by a loop. */
export interface PollTrace extends OfConsumer, Outcome<ConsumerRecord[]> {
  /** As `consumer.metrics`; the same function each time, so it tells one consumer from another. */
  metrics: () => ConsumerMetrics
}

/**
 * `rivven:consumer:process`: what the application does with records. In `for await` each alone, from when it gets it until it
 * asks for the next one; what `poll` returned together, until the next `poll`.
 */
export interface ProcessTrace extends OfConsumer {
  records: readonly ConsumerRecord[]
  /** From the end on: it came back for more. False: the loop was left, by `break` or by an error, or the consumer was closed. */
  isComplete?: boolean
}

/** `rivven:consumer:commit`: one commit, by the application or in the background, with all its tries. */
export interface CommitTrace extends OfConsumer, Outcome<unknown> {
  offsets: readonly OffsetToCommit[]
  /** The coordinator, as far as it is known, from the end on. */
  server?: Address | undefined
}

/** `rivven:consumer:rebalance`: from the first step out of a generation until the partitions of the next one are taken over. */
export interface RebalanceTrace extends OfConsumer {
  cause: string
  /** These from the end on. */
  memberId?: string
  generation?: number
  protocol?: RebalanceProtocol
  /** All that are owned now. */
  partitions?: readonly TopicPartition[]
  /** Why no generation came of it. */
  error?: unknown
}

/** `rivven:client:request`: one request, from when it is handed to its connection until its answer. */
export interface RequestTrace extends Outcome<unknown> {
  clientId: string
  /** Kafka's name of it: `Produce`, `Fetch`, … */
  api: string
  version: number
  /** Id of the broker, below 0 while it is not known. */
  broker: number
  address: Address
}

/** `rivven:consumer:assigned`, `:revoked` and `:lost`, before the listener is called. */
export interface PartitionsNews extends OfConsumer {
  partitions: readonly TopicPartition[]
  /** -1: it is in none (any more). */
  generation: number
  protocol: RebalanceProtocol
  cause: string
}

/** `rivven:consumer:offset-reset`: a partition is read from where `autoOffsetReset` says. */
export interface OffsetResetNews extends OfConsumer, TopicPartition {
  /** From here. */
  offset: number
  to: 'earliest' | 'latest'
  /** What is gone of the place where it was; null: nothing was committed, or it was asked for. */
  lost: string | null
}

/** `rivven:client:connected` (after the login) and `:disconnected`. */
export interface ConnectionNews {
  clientId: string
  /** Id of the broker, below 0 while it is not known. */
  broker: number
  address: Address
  /** What it is for: each broker has one of each. */
  channel: 'main' | 'fetch' | 'coordinator'
  /** Only of `:disconnected`: why. */
  error?: Error
}

/** All channels: their names and messages are a promise (docs/tracing.md). */
export const sends = new Tracing<SendTrace>('rivven:producer:send')
export const polls = new Tracing<PollTrace>('rivven:consumer:poll')
export const processes = new Tracing<ProcessTrace>('rivven:consumer:process')
export const commits = new Tracing<CommitTrace>('rivven:consumer:commit')
export const rebalances = new Tracing<RebalanceTrace>('rivven:consumer:rebalance')
export const requests = new Tracing<RequestTrace>('rivven:client:request')
export const assigned = new News<PartitionsNews>('rivven:consumer:assigned')
export const revoked = new News<PartitionsNews>('rivven:consumer:revoked')
export const lost = new News<PartitionsNews>('rivven:consumer:lost')
export const offsetResets = new News<OffsetResetNews>('rivven:consumer:offset-reset')
export const connected = new News<ConnectionNews>('rivven:client:connected')
export const disconnected = new News<ConnectionNews>('rivven:client:disconnected')
