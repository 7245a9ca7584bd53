import type { ConsumerState } from '../consumer/health.js'
import type { TopicPartition } from '../topic-partition.js'
import type { Distribution } from './distribution.js'

/** Requests of one kind since the client was made. */
export interface RequestMetrics {
  /** Kafka's name of it: `Produce`, `Fetch`, … */
  api: string
  inFlight: number
  answered: number
  /** Without an answer: in time, or at all. */
  failed: number
  /** Until the answer, in milliseconds. A Fetch waits for records on purpose, a JoinGroup for other members. */
  latencyMs: Distribution
}

/** Figures of a client since it was made: `metrics()` takes them down at once, without asking anybody. */
export interface ClientMetrics {
  clientId: string
  requests: RequestMetrics[]
  bytesSent: number
  bytesReceived: number
  /** `reconnects`: of those opened, how many took the place of an earlier one. */
  connections: { open: number; opened: number; reconnects: number }
}

export interface ProducerMetrics extends ClientMetrics {
  records: { acknowledged: number; failed: number }
  /** `retries`: attempts beyond the first; `bytes`: of acknowledged ones, uncompressed. */
  batches: { acknowledged: number; failed: number; retries: number; bytes: number }
  /** Of records that are neither acknowledged nor failed; at `bufferMemory` `send` waits. */
  bufferedBytes: number
  /** From the first record of a batch to its acknowledgement, in milliseconds. */
  deliveryMs: Distribution
}

export interface PartitionMetrics extends TopicPartition {
  /** Of the next record for the application; null: not known yet. */
  position: number | null
  /** Behind the last record that could be read, as of the last fetch; null: not fetched yet. */
  end: number | null
  /** Records up to `end`; null where one of both is not known. */
  lag: number | null
  isPaused: boolean
  /** For how long it was paused since it was assigned, in milliseconds. */
  pausedMs: number
}

export interface ConsumerMetrics extends ClientMetrics {
  groupId: string | null
  state: ConsumerState
  /** `records`: how many they brought. */
  polls: { count: number; records: number }
  /** Of all fetches. */
  fetchedBytes: number
  /** Fetched and not yet polled. */
  bufferedBytes: number
  commits: { done: number; failed: number; latencyMs: Distribution }
  /** `totalMs`: how long they took together, with one that goes on. */
  rebalances: { count: number; totalMs: number }
  /** Of all that are assigned. */
  partitions: PartitionMetrics[]
}
