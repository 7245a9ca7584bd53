import { checks } from '@rivven/config'
import { RivvenError } from '@rivven/link'
import { type Codec, codecs, loadCodec } from '@rivven/protocol'
import { type ClusterOptions, clusterChecks, invalid, mustFit, optionsCheck } from '../options.js'
import type { ProducerRecord } from './record.js'

/** Chooses a partition, 0 to `partitionCount` - 1. */
export type Partitioner = (record: ProducerRecord, key: Buffer | null, partitionCount: number) => number

export interface ProducerOptions extends ClusterOptions {
  /**
   * How long a record may wait for others to share its batch, in milliseconds. Default 0: it leaves at once while fewer
   * than `maxInFlight` requests are on their way to its broker, else with the next one, so batches form under load.
   */
  lingerMs?: number
  /** Size at which a batch is full, in bytes before compression. Default 262144. Topics take 1048588 unless configured. */
  batchSize?: number
  /** Default `none`. */
  compression?: Codec
  /** Who must have a record before it counts as sent. Default `all`; 1: its leader; 0: nobody, nothing is answered. */
  acks?: 'all' | -1 | 0 | 1
  /** Nothing is written twice or out of order when requests have to be repeated. Default true with acks `all`. */
  idempotent?: boolean
  /** Produce requests on their way to one broker at a time. Default 5, which is also the most with `idempotent`. */
  maxInFlight?: number
  /** Most bytes of batches in one request. Default 1048576. */
  maxRequestBytes?: number
  /** A record that was not acknowledged fails after this time, in milliseconds. Default 120000. */
  deliveryTimeoutMs?: number
  /** Bytes of records that may wait to be sent; `send` waits while there is no room. Default 33554432 (32 MiB). */
  bufferMemory?: number
  /** How long `send` waits for room or for the topic to be there, in milliseconds. Default 60000. */
  maxBlockMs?: number
  /** Let the broker create topics that are not there, if it does so. Default true. */
  allowAutoCreate?: boolean
  /**
   * Makes this a producer of transactions: `beginTransaction`, no `send` outside of one. Stable over restarts and only
   * used by one producer at a time: a newer one with it shuts out the older one and aborts its open transaction.
   */
  transactionalId?: string
  /**
   * A transaction that is open for longer is aborted by the broker, in milliseconds. Default 60000. Readers of
   * `read_committed` wait for so long behind a producer that died.
   */
  transactionTimeoutMs?: number
  /** Default: murmur2 of the key, as Java's producer; records without key stay on a partition until a batch is full. */
  partitioner?: Partitioner
}

const { flag, func, oneOf, optional, text, whole } = checks

const producerCheck = optionsCheck<ProducerOptions>(
  'Producer',
  {
    ...clusterChecks,
    lingerMs: optional(whole(0)),
    batchSize: optional(whole(1)),
    compression: optional(oneOf(...codecs)),
    acks: optional(oneOf('all', -1, 0, 1)),
    idempotent: optional(flag),
    maxInFlight: optional(whole(1)),
    maxRequestBytes: optional(whole(1)),
    deliveryTimeoutMs: optional(whole(1)),
    bufferMemory: optional(whole(1, Number.MAX_SAFE_INTEGER)),
    maxBlockMs: optional(whole(0)),
    allowAutoCreate: optional(flag),
    transactionalId: optional(text),
    transactionTimeoutMs: optional(whole(1)),
    partitioner: optional(func),
  },
  {
    createPartitioner: 'Write partitioner: (record, key, partitionCount) => partition.',
    maxInFlightRequests: 'Write maxInFlight.',
    transactionTimeout: 'Write transactionTimeoutMs.',
    timeout: 'Write requestTimeoutMs or deliveryTimeoutMs.',
  },
)

export interface ProducerSettings {
  lingerMs: number
  batchSize: number
  compression: Codec
  acks: -1 | 0 | 1
  idempotent: boolean
  maxInFlight: number
  maxRequestBytes: number
  deliveryTimeoutMs: number
  requestTimeoutMs: number
  bufferMemory: number
  maxBlockMs: number
  allowAutoCreate: boolean
  /** null: no transactions. */
  transactionalId: string | null
  transactionTimeoutMs: number
  partitioner: Partitioner | undefined
}

/**
 * The options with their defaults. Throws INVALID_ARGUMENT for what does not go together, UNSUPPORTED_COMPRESSION_TYPE for
 * a codec whose package is not installed.
 */
export function producerSettings(options: ProducerOptions): ProducerSettings {
  mustFit(producerCheck, options, '')
  const acks = options.acks === undefined || options.acks === 'all' ? -1 : options.acks
  const idempotent = options.idempotent ?? acks === -1
  const deliveryTimeoutMs = options.deliveryTimeoutMs ?? 120_000
  const settings = {
    lingerMs: options.lingerMs ?? 0,
    batchSize: options.batchSize ?? 256 * 1024,
    compression: options.compression ?? 'none',
    acks,
    idempotent,
    maxInFlight: options.maxInFlight ?? 5,
    maxRequestBytes: options.maxRequestBytes ?? 1024 * 1024,
    deliveryTimeoutMs,
    requestTimeoutMs: Math.min(options.requestTimeoutMs ?? 30_000, deliveryTimeoutMs),
    bufferMemory: options.bufferMemory ?? 32 * 1024 * 1024,
    maxBlockMs: options.maxBlockMs ?? 60_000,
    allowAutoCreate: options.allowAutoCreate ?? true,
    transactionalId: options.transactionalId ?? null,
    transactionTimeoutMs: options.transactionTimeoutMs ?? 60_000,
    partitioner: options.partitioner,
  } satisfies ProducerSettings
  check(settings)
  checkCodec(settings.compression)
  return settings
}

/** Better now than with the first batch. */
function checkCodec(codec: Codec): void {
  try {
    loadCodec(codec)
  } catch (cause) {
    throw new RivvenError('UNSUPPORTED_COMPRESSION_TYPE', (cause as Error).message, { cause })
  }
}

function check(settings: ProducerSettings): void {
  const { acks, idempotent, maxInFlight, batchSize, bufferMemory, transactionalId } = settings
  if (idempotent && acks !== -1) throw invalid('An idempotent producer needs acks all.', 'Leave out one of the two.')
  if (idempotent && maxInFlight > 5) throw invalid('An idempotent producer has at most 5 requests in flight.')
  if (transactionalId !== null && !idempotent) {
    throw invalid('A producer with a transactionalId needs acks all and idempotent.', 'Leave both as they are.')
  }
  if (batchSize > bufferMemory) {
    throw invalid(
      `batchSize is ${batchSize}, above bufferMemory (${bufferMemory}).`,
      'Lower the one or raise the other.',
    )
  }
}
