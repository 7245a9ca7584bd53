import type {
  AddOffsetsToTxnResponse,
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
  EndTxnResponse,
  InitProducerIdResponse,
} from '@rivven/protocol'
import type { TransactionEvent } from './events.js'
import type { TopicPartitions } from './transaction.js'

/** Names one waiting request. The host hands it in with a command and gets it back with the reply. */
export type Ticket = number

/** Two clocks: deadlines run on the monotonic one, stored timestamps are wall time. Both in milliseconds. */
export interface Now {
  readonly wall: number
  readonly monotonic: number
}

/** Who asks: the header's api version and client id, and the peer as Java prints it (`/10.0.0.1`). */
export interface RequestContext {
  readonly apiVersion: number
  readonly clientId: string
  readonly clientHost: string
}

/** A request on its way into a command. */
export interface Call<Request> {
  readonly ticket: Ticket
  readonly request: Request
  readonly context: RequestContext
  readonly now: Now
}

/** One transaction of an AddPartitionsToTxn; versions 0-3 have just one, never to be verified only. */
export type AddPartitions = AddPartitionsToTxnRequest['transactions'][number]

export type AddPartitionsResult = AddPartitionsToTxnResponse['resultsByTransaction'][number]

export type TransactionResponse =
  | InitProducerIdResponse
  | AddPartitionsResult
  | AddOffsetsToTxnResponse
  | EndTxnResponse

export interface Reply {
  readonly ticket: Ticket
  readonly response: TransactionResponse
}

/**
 * The end of a transaction is to be written to these partitions (WriteTxnMarkers), each again and again until it is there,
 * then told to `markersWritten`. Only once the events of the same decision are durable; not at all if they could not be
 * stored: `loaded` asks for all markers that are missing.
 */
export interface WriteMarkers {
  readonly kind: 'WriteMarkers'
  readonly transactionalId: string
  readonly producerId: number
  /** The epoch that the markers carry. */
  readonly producerEpoch: number
  readonly committed: boolean
  /** 2: markers of KIP-890, which carry an epoch of their own. */
  readonly transactionVersion: number
  /** Never empty. */
  readonly partitions: readonly TopicPartitions[]
}

/**
 * What a command decided. The host replays `events` at once and in order, appends them as one batch, and sends `replies`
 * and carries out `effects` when that batch and all before it are durable.
 */
export interface Decision {
  readonly events: readonly TransactionEvent[]
  readonly replies: readonly Reply[]
  readonly effects: readonly WriteMarkers[]
  /** Monotonic time at which the host must call `tick` for this transactional id at the latest (Infinity: never). */
  readonly deadline?: number
}
