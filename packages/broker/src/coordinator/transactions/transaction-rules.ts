import {
  createShard,
  type Decision,
  decodeEvent,
  encodeEvent,
  loaded,
  replay,
  type ShardOptions,
  type TransactionEvent,
  type TransactionShard,
  tick,
  unload,
  type WriteMarkers,
} from '@rivven/transactions'
import type { Command, ShardHost } from '../shards/shard-host.js'
import type { Now, ShardRules } from '../shards/shard-rules.js'
import type { TransactionMetrics } from './transaction-metrics.js'

export type TransactionHost = ShardHost<TransactionShard, TransactionEvent, Decision>
export type TransactionCommand<Request, Response> = Command<TransactionShard, Decision, Request, Response>

/** What a shard does that hosts transactions. Markers are written once the outcome is durable. */
export class TransactionRules implements ShardRules<TransactionShard, TransactionEvent, Decision> {
  readonly what = 'transactions'
  readonly encode = encodeEvent
  readonly decode = decodeEvent
  readonly replay = replay
  readonly loaded = loaded
  readonly unload = unload
  readonly tick = tick
  readonly #options: ShardOptions
  readonly #writeMarkers: (effect: WriteMarkers) => void
  readonly #metrics: TransactionMetrics | undefined

  constructor(options: ShardOptions, writeMarkers: (effect: WriteMarkers) => void, metrics?: TransactionMetrics) {
    this.#options = options
    this.#writeMarkers = writeMarkers
    this.#metrics = metrics
  }

  create(): TransactionShard {
    return createShard(this.#options)
  }

  /** There are no transactions of transactions. */
  ended(): null {
    return null
  }

  due({ deadlines }: TransactionShard, monotonic: number): readonly string[] {
    const due: string[] = []
    for (const [transactionalId, deadline] of deadlines) if (deadline <= monotonic) due.push(transactionalId)
    return due
  }

  earliestDeadline({ deadlines }: TransactionShard): number {
    let earliest = Number.POSITIVE_INFINITY
    for (const deadline of deadlines.values()) if (deadline < earliest) earliest = deadline
    return earliest
  }

  took(decision: Decision, shard: TransactionShard, now: Now): void {
    this.#metrics?.took(decision, shard, now)
  }

  afterwards({ effects }: Decision): (() => void) | null {
    if (effects.length === 0) return null
    return () => {
      for (const effect of effects) this.#writeMarkers(effect)
    }
  }
}
