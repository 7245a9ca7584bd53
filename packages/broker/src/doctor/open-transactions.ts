import type { TransactionFact } from '@rivven/doctor'
import type { Breath } from '../breath.js'
import type { BrokerServices } from '../handlers/handler.js'
import type { PartitionLog } from '../log/partition-log.js'
import { eachLog } from './each-log.js'

type Sources = Pick<BrokerServices, 'catalog' | 'cluster' | 'config' | 'coordinator' | 'logs' | 'runtime'>

/** A transaction that a coordinator knows; times in ms since 1970. */
export interface KnownTransaction {
  readonly transactionalId: string
  readonly producerId: number
  readonly startedAt: number | null
  readonly timeoutMs: number
}

/** What coordinators know of open transactions. */
export interface TransactionsSeen {
  /** Those that may be told of. */
  readonly told: readonly KnownTransaction[]
  /** Producers of all that are coordinated here. */
  readonly coordinated: ReadonlySet<number>
}

/** So many are told of. */
const mostTold = 100
/** How long the end of a transaction may take after it was decided. */
const endMs = 60_000

/** Open transactions that hold up readers of committed records, in partitions that are led here. */
export async function openTransactions(
  sources: Sources,
  { told, coordinated }: TransactionsSeen,
  { breath, isShown }: { breath: Breath; isShown: (topic: string) => boolean },
): Promise<TransactionFact[]> {
  const byProducer = new Map(told.map((each) => [each.producerId, each]))
  const found: TransactionFact[] = []
  for (const log of eachLog(sources)) {
    if (breath.isDue) await breath.take()
    if (log.lastStableOffset >= log.highWatermark || !isShown(log.topic)) continue
    // A look at all groups, so once for the partition.
    const groups = groupsAt(log, sources)
    for (const producerId of log.producers.openProducers) {
      const known = byProducer.get(producerId)
      const fact =
        known || !coordinated.has(producerId) ? factOf(log, { producerId, known, groups }, sources) : undefined
      if (fact) found.push(fact)
      if (found.length >= mostTold) return found
    }
  }
  return found
}

function factOf(
  log: PartitionLog,
  { producerId, known, groups }: { producerId: number; known: KnownTransaction | undefined; groups: string[] },
  sources: Sources,
): TransactionFact | undefined {
  const state = log.producers.producers.get(producerId)
  if (!state || state.transactionFirstOffset < 0) return undefined
  const startedAt = known?.startedAt ?? state.lastTimestamp
  if (!known && !isOverdue(startedAt, sources)) return undefined
  const { topic, partition } = log
  return {
    ...{ topic, partition, producerId, startedAt },
    transactionalId: known?.transactionalId ?? null,
    timeoutMs: known?.timeoutMs ?? null,
    firstOffset: state.transactionFirstOffset,
    heldRecords: log.highWatermark - state.transactionFirstOffset,
    groups,
  }
}

/** A broker that is alone would know it; of others that cannot be asked one may not say that nobody does. */
function isOverdue(startedAt: number, { cluster, config, runtime }: Sources): boolean {
  if (cluster.image.brokers.size < 2) return true
  return runtime.clock.now() - startedAt > config.transaction_max_timeout_ms + endMs
}

/** Groups here that have read up to it. */
function groupsAt({ topic, partition, lastStableOffset }: PartitionLog, { coordinator }: Sources): string[] {
  const names: string[] = []
  for (const { groupId, offsets } of coordinator.groups()) {
    const committed = offsets.get(topic, partition)
    if (committed && committed.offset >= lastStableOffset && names.length < mostTold) names.push(groupId)
  }
  return names
}
