import type { BrokerServices } from '../handlers/handler.js'
import type { PartitionLog } from '../log/partition-log.js'

type Sources = Pick<BrokerServices, 'transactions' | 'catalog' | 'logs' | 'cluster' | 'config' | 'runtime'>

/** Since when a transaction of a producer was seen open, by its first offset. Monotonic. */
interface Seen {
  readonly firstOffset: number
  readonly since: number
}

/** How long the end of a transaction may take after it was decided, in milliseconds. */
const endMs = 60_000

/**
 * Open transactions in partitions that are led here and that no coordinator knows. A broker that is alone knows all that are
 * coordinated. Of others it cannot tell: there a transaction hangs that was seen open for longer than any may be.
 */
export class HangingTransactions {
  readonly #sources: Sources
  readonly #seen = new WeakMap<PartitionLog, ReadonlyMap<number, Seen>>()

  constructor(sources: Sources) {
    this.#sources = sources
  }

  /**
   * One of a producer in a partition at most; `known` are the producers with open transactions that are coordinated here.
   * Nothing is counted while a coordinator loads.
   */
  count(known: ReadonlySet<number>): number {
    const { transactions, catalog, logs, cluster } = this.#sources
    if (!transactions.isLoaded) return 0
    const isAlone = cluster.image.brokers.size < 2
    let count = 0
    for (const { name, partitionCount } of catalog.topics()) {
      for (let partition = 0; partition < partitionCount; partition++) {
        const log = logs.opened(name, partition)
        if (log) count += isAlone ? countOpen(log, known) : this.#countOverdue(log, known)
      }
    }
    return count
  }

  #countOverdue(log: PartitionLog, known: ReadonlySet<number>): number {
    const { runtime, config } = this.#sources
    const now = runtime.clock.monotonic()
    const before = this.#seen.get(log)
    const seen = new Map<number, Seen>()
    let count = 0
    for (const producerId of openIn(log, known)) {
      const firstOffset = log.producers.producers.get(producerId)?.transactionFirstOffset ?? -1
      const last = before?.get(producerId)
      const since = last?.firstOffset === firstOffset ? last.since : now
      seen.set(producerId, { firstOffset, since })
      if (now - since > config.transaction_max_timeout_ms + endMs) count += 1
    }
    if (seen.size > 0 || before) this.#seen.set(log, seen)
    return count
  }
}

function countOpen(log: PartitionLog, known: ReadonlySet<number>): number {
  let count = 0
  for (const _ of openIn(log, known)) count += 1
  return count
}

function* openIn({ producers }: PartitionLog, known: ReadonlySet<number>): Iterable<number> {
  for (const producerId of producers.openProducers) if (!known.has(producerId)) yield producerId
}
